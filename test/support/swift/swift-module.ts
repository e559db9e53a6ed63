/** What says that OpenStack Swift is installed: a file of Debian's package `python3-swift`. */
export const swiftModule = '/usr/lib/python3/dist-packages/swift/common/middleware/s3api/s3api.py';
