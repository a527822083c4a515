import type { Dispatcher } from 'undici';
import type { ReceivedResponse } from '../model/index.ts';

/** Reads the whole answer, of its body at most `maxBodyBytes`; a longer body is cut and its connection closed. */
export async function receive(
  answer: Dispatcher.ResponseData,
  maxBodyBytes: number,
): Promise<ReceivedResponse> {
  const { bytes, truncated } = await readBounded(answer.body, maxBodyBytes);
  const headers = Object.fromEntries(
    Object.entries(answer.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
  const text = decode(bytes, headers['content-type']);
  const response = { status: answer.statusCode, headers, text, truncated };
  if (truncated || !isJson(headers['content-type'])) return response;
  const parsed = parseJson(text);
  return parsed === undefined ? response : { ...response, json: parsed.value };
}

async function readBounded(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<{ bytes: Uint8Array; truncated: boolean }> {
  const chunks: Uint8Array[] = [];
  let room = maxBytes;
  for await (const chunk of body) {
    if (chunk.byteLength > room) {
      chunks.push(chunk.subarray(0, room));
      return { bytes: Buffer.concat(chunks), truncated: true };
    }
    chunks.push(chunk);
    room -= chunk.byteLength;
  }
  return { bytes: Buffer.concat(chunks), truncated: false };
}

function decode(bytes: Uint8Array, contentType: string | undefined): string {
  const label = /charset="?([\w-]+)/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(label).decode(bytes);
  } catch {
    // An unknown charset label: the bytes are still worth showing.
    return new TextDecoder().decode(bytes);
  }
}

/** `application/json`, and media types with the `+json` suffix (RFC 6839). */
export const isJson = (contentType: string | undefined): boolean =>
  /^[^;]*[/+]json\s*(;|$)/i.test(contentType ?? '');

function parseJson(text: string): { value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch {
    // Announced as JSON and is none: the text is kept, `json` stays away.
    return undefined;
  }
}
