import { expect, test } from 'vitest';
import { watchNetwork } from '../../electron/watch/network.ts';
import { createHandClock } from '../app/app-world.ts';

test('another address or another word of the system is another network, the same ones in another order are not', async () => {
  const { clock, pass, waiting } = createHandClock(0);
  let told = 0;
  let addresses = ['eth0 192.0.2.7', 'wlan0 192.0.2.9'];
  let isOnline = true;
  const place = { clock, addresses: () => addresses, isOnline: () => isOnline };
  const stop = watchNetwork(place, () => told++);
  await pass(60_000);
  addresses = ['wlan0 192.0.2.9', 'eth0 192.0.2.7'];
  await pass(60_000);
  expect(told).toBe(0);
  addresses = ['wlan0 192.0.2.9'];
  await pass(60_000);
  expect(told).toBe(1);
  isOnline = false;
  await pass(60_000);
  expect(told).toBe(2);
  stop();
  expect(waiting()).toBe(0);
});
