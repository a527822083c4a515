import type { SentRequest } from '../model/index.ts';

export type RequestBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'form'; readonly fields: Readonly<Record<string, string>> };

export interface HttpRequest {
  readonly method: string;
  /** Absolute, `http:` or `https:`. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
}

/** The request as it goes over the wire: header names in lower case, body as text, content type by kind of body. */
export function toSentRequest({ method, url, headers = {}, body }: HttpRequest): SentRequest {
  const lowerCased = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const sent = { method: method.toUpperCase(), url };
  if (body === undefined) return { ...sent, headers: lowerCased };
  const { text, type } = encode(body);
  return { ...sent, headers: { 'content-type': type, ...lowerCased }, body: text };
}

function encode(body: RequestBody): { text: string; type: string } {
  switch (body.kind) {
    case 'json':
      return { text: JSON.stringify(body.value) ?? 'null', type: 'application/json' };
    case 'form':
      return {
        text: new URLSearchParams(body.fields).toString(),
        type: 'application/x-www-form-urlencoded',
      };
    case 'text':
      return { text: body.text, type: 'text/plain; charset=utf-8' };
  }
}
