/**
 * Text that others wrote (names of files, computers, messages of a server) made safe to look at: characters that steer
 * a display or turn the direction of what stands around them are shown as a replacement mark.
 */

// biome-ignore format: one range a line would say no more
const steering = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

export function plainText(text: string): string {
  return text.replace(steering, '\ufffd');
}
