import { createRequire } from 'node:module';
import type ipaddrModule from 'ipaddr.js';

/**
 * The library that reads addresses as text. It is CommonJS: importing it would make Node search its source for exports,
 * which takes longer than all else that loads with the meter.
 */
export const ipaddr: typeof ipaddrModule = createRequire(import.meta.url)('ipaddr.js');
