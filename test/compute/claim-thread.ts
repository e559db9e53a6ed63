/** A thread for the tests of the claims: claims every blob, and tells which ones it got. */
import { hash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { type ClaimHandle, ClaimTable } from '../../engine/compute/claim-table.ts';

const { claims, count } = workerData as { claims: ClaimHandle; count: number };
const table = new ClaimTable(claims);
const got: number[] = [];
for (let i = 0; i < count; i++) if (table.claim('data', hash('sha256', `blob ${i}`, 'buffer'))) got.push(i);
parentPort?.postMessage(got);
