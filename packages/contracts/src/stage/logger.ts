import pino from 'pino';
import pretty from 'pino-pretty';

export type Logger = pino.Logger;

/**
 * A logger on standard error: plain lines for people, JSON lines where `EDGEGUARD_LOG_FORMAT=json`. Writes
 * synchronously, so that no line is lost when the process ends.
 */
export function createLogger(name: string, level: string = process.env['EDGEGUARD_LOG_LEVEL'] ?? 'info'): Logger {
  const options: pino.LoggerOptions = { name, level, base: { name } };
  if (process.env['EDGEGUARD_LOG_FORMAT'] === 'json') return pino(options, pino.destination({ dest: 2, sync: true }));
  const stream = pretty({
    destination: 2,
    sync: true,
    colorize: process.stderr.isTTY === true,
    ignore: 'pid,hostname,time,name',
    messageFormat: '{name}: {msg}',
    hideObject: true,
    customLevels: {},
  });
  return pino(options, stream);
}
