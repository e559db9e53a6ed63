"""
A whole OpenStack Swift in one process on loopback, with its S3 interface: the account, container and object servers
and the proxy before them, as Debian packages them. Objects are kept in memory, the rest in FOLDER.
With TLS where FOLDER has a certificate.pem (with its key in it).
Says `ready PORT` when it listens and ends when its stdin does.

    /usr/bin/python3 serve-swift.py FOLDER REGION < secret-key (one line; the access key is `test:tester`)
"""
import eventlet

eventlet.monkey_patch()

import os
import socket
import sys

from eventlet import listen, wsgi
from paste.deploy import loadapp
from swift.common import utils
from swift.common.ring import RingBuilder

folder, region = sys.argv[1:3]
secret = sys.stdin.readline().strip()

swift_conf = os.path.join(folder, 'swift.conf')
with open(swift_conf, 'w') as file:
    file.write('[swift-hash]\nswift_hash_path_suffix = test\n[storage-policy:0]\nname = only\ndefault = yes\n')
utils.SWIFT_CONF_FILE = swift_conf
utils.HASH_PATH_PREFIX = utils.HASH_PATH_SUFFIX = b''
utils.validate_hash_conf()


def serve(sock, conf):
    # Accepted sockets inherit it; without it each answer waits for the client's delayed acknowledgement.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    path = os.path.join(folder, '%d.conf' % sock.getsockname()[1])
    with open(path, 'w') as file:
        file.write(conf)
    app = loadapp('config:' + path, global_conf={'log_name': 'swift'})
    quiet = open(os.devnull, 'w')
    eventlet.spawn(wsgi.server, sock, app, quiet, debug=False, max_size=256, socket_timeout=60)


SERVER = """
[DEFAULT]
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
disable_fallocate = true
fallocate_reserve = 0
[app:main]
use = egg:swift#{kind}
conn_timeout = 30
node_timeout = 60
"""

PROXY = """
[DEFAULT]
swift_dir = {folder}
[pipeline:main]
pipeline = catch_errors gatekeeper cache listing_formats s3api tempauth copy proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
# A machine under load is slow, not broken.
conn_timeout = 30
node_timeout = 60
error_suppression_limit = 1000000
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = {region}
auth_pipeline_check = false
allow_multipart_uploads = false
max_bucket_listing = 100
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = {secret} .admin
[filter:copy]
use = egg:swift#copy
"""

for kind, name in (('account', 'account'), ('container', 'container'), ('mem_object', 'object')):
    sock = listen(('127.0.0.1', 0))
    os.makedirs(os.path.join(folder, 'devices', 'disk'), exist_ok=True)
    builder = RingBuilder(part_power=4, replicas=1, min_part_hours=0)
    builder.add_dev({
        'id': 0, 'region': 1, 'zone': 1, 'weight': 1, 'device': 'disk',
        'ip': '127.0.0.1', 'port': sock.getsockname()[1],
        'replication_ip': '127.0.0.1', 'replication_port': sock.getsockname()[1],
    })
    builder.rebalance()
    builder.get_ring().save(os.path.join(folder, name + '.ring.gz'))
    serve(sock, SERVER.format(folder=folder, kind=kind))

front = listen(('127.0.0.1', 0))
certificate = os.path.join(folder, 'certificate.pem')
if os.path.exists(certificate):
    front = eventlet.wrap_ssl(front, certfile=certificate, server_side=True)
serve(front, PROXY.format(folder=folder, region=region, secret=secret))
print('ready %d' % front.getsockname()[1], flush=True)
eventlet.tpool.execute(sys.stdin.read)
