import type { Heard, Reply } from '../http-service.ts';

/** Two small documents that need each other: an order needs a user, a cancelled order needs an order. */
export const usersDocument = `
paths:
  /users:
    post:
      operationId: createUser
      x-set:
        funded: { body/name: $unique }
      requestBody:
        required: true
        content:
          application/json:
            schema: { $ref: '#/components/schemas/NewUser' }
            examples:
              funded: { value: { name: dana, balance: 5 } }
              nameless: { value: { balance: 5 } }
      responses:
        '201':
          description: created
          content:
            application/json:
              schema: { $ref: '#/components/schemas/User' }
              examples: { funded: { value: { id: '1', name: dana } } }
        '400':
          description: refused
          content:
            application/json:
              schema: { type: object, required: [error] }
              examples: { nameless: { value: { error: no name } } }
  /users/{id}:
    get:
      operationId: getUser
      x-given: { found: [{ operation: createUser, example: funded, as: user }] }
      x-set: { found: { path/id: $user.id } }
      parameters:
        - name: id
          in: path
          required: true
          schema: { type: string }
          examples: { unknown: { value: no body } }
        - { name: fields, in: query, explode: false, schema: { type: array, items: { type: string } }, example: [id, name] }
        - { name: X-Trace, in: header, schema: { type: string, default: t1 } }
        - { name: limit, in: query, schema: { type: integer } }
      responses:
        '200':
          description: found
          content:
            application/json:
              schema: { $ref: '#/components/schemas/User' }
              examples: { found: { value: { id: '1', name: dana } } }
        '404':
          description: none
          content: { application/json: { schema: { type: object, required: [error] }, examples: { unknown: { value: { error: none } } } } }
  /health:
    get:
      operationId: getHealth
      responses:
        '200':
          description: ok
          content: { application/json: { schema: { type: object, required: [ok] } } }
components:
  schemas:
    NewUser:
      type: object
      required: [name]
      properties: { name: { type: string }, balance: { type: number } }
    User:
      type: object
      additionalProperties: false
      required: [id, name]
      properties: { id: { type: string }, name: { type: string } }
`;

export const ordersDocument = `
servers: [{ url: /v1 }]
paths:
  /orders:
    post:
      operationId: createOrder
      x-given:
        phone: [{ operation: users#createUser, example: funded, as: user, set: { body/balance: 900, header/x-role: $$admin } }]
      x-set:
        phone: { body/items/0/user_id: $user.id }
      requestBody:
        content:
          application/json:
            schema: { type: object, required: [items] }
            examples: { phone: { value: { items: [{ user_id: '0', title: phone }] } } }
      responses:
        '201':
          description: created
          content:
            application/json:
              schema: { type: object, required: [order], properties: { order: { type: object, required: [id] } } }
              examples: { phone: { value: { order: { id: 1 } } } }
  /orders/{id}:
    delete:
      operationId: cancelOrder
      x-given:
        default: [{ operation: createOrder, example: phone, as: made }]
      x-set:
        default: { path/id: $made.order.id }
      parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
      responses:
        '204': { description: cancelled }
`;

/** A service that keeps the contract of the users document. */
export function usersReply({ method, url, body }: Heard): Reply {
  if (url === '/health') return { json: { ok: true } };
  if (method === 'POST') {
    const name = typeof body === 'object' && body !== null && 'name' in body ? body.name : undefined;
    return name === undefined
      ? { status: 400, json: { error: 'no name' } }
      : { status: 201, json: { id: 'u-7', name } };
  }
  return url.startsWith('/users/u-7')
    ? { json: { id: 'u-7', name: 'x' } }
    : { status: 404, json: { error: 'none' } };
}

/** A service that keeps the contract of the orders document. */
export function ordersReply({ method }: Heard): Reply {
  return method === 'POST' ? { status: 201, json: { order: { id: 41 } } } : { status: 204 };
}
