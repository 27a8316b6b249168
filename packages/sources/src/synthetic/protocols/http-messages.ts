import type { Random } from '../engine/random.ts';
import { type Content, opaqueContent, textContent } from '../wire/content.ts';

export const HTTP_PORT = 80;

/** A GET request (RFC 9112). */
export function httpGet(host: string, path: string): Content {
  return textContent(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\n\r\n`);
}

/** A POST request with a body of random bytes. */
export function httpPost(host: string, path: string, bodyLength: number, random: Random): Content {
  const length = Math.max(1, Math.round(bodyLength));
  const head = `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/octet-stream\r\nContent-Length: ${length}\r\n\r\n`;
  return opaqueContent(Buffer.from(head, 'latin1'), head.length + length, random);
}

/** A response with a body of random bytes; without a body, status 204. */
export function httpResponse(bodyLength: number, random: Random): Content {
  const length = Math.round(bodyLength);
  if (length <= 0) return textContent('HTTP/1.1 204 No Content\r\nServer: nginx\r\nConnection: keep-alive\r\n\r\n');
  const head = `HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: application/octet-stream\r\nContent-Length: ${length}\r\n\r\n`;
  return opaqueContent(Buffer.from(head, 'latin1'), head.length + length, random);
}
