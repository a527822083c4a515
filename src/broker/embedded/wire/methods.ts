/** Methods of AMQP 0-9-1 as this server receives and sends them, named as in the specification. Types only. */

/** A field table: what headers and arguments hold. */
export type Table = Readonly<Record<string, unknown>>;

type Empty = Readonly<Record<string, never>>;

export interface CloseFields {
  readonly replyCode: number;
  readonly replyText: string;
  readonly classId: number;
  readonly methodId: number;
}

export interface BindFields {
  readonly routingKey: string;
  readonly arguments: Table;
}

/** What a client may send. */
export interface ClientMethods {
  ConnectionStartOk: {
    readonly clientProperties: Table;
    readonly mechanism: string;
    readonly response: Buffer;
    readonly locale: string;
  };
  ConnectionTuneOk: { readonly channelMax: number; readonly frameMax: number; readonly heartbeat: number };
  ConnectionOpen: { readonly virtualHost: string };
  ConnectionClose: CloseFields;
  ConnectionCloseOk: Empty;
  ConnectionUpdateSecret: Empty;
  ChannelOpen: Empty;
  ChannelFlow: { readonly active: boolean };
  ChannelFlowOk: { readonly active: boolean };
  ChannelClose: CloseFields;
  ChannelCloseOk: Empty;
  ExchangeDeclare: {
    readonly exchange: string;
    readonly type: string;
    readonly passive: boolean;
    readonly durable: boolean;
    readonly autoDelete: boolean;
    readonly internal: boolean;
    readonly nowait: boolean;
    readonly arguments: Table;
  };
  ExchangeDelete: { readonly exchange: string; readonly ifUnused: boolean; readonly nowait: boolean };
  ExchangeBind: BindFields & {
    readonly destination: string;
    readonly source: string;
    readonly nowait: boolean;
  };
  ExchangeUnbind: BindFields & {
    readonly destination: string;
    readonly source: string;
    readonly nowait: boolean;
  };
  QueueDeclare: {
    readonly queue: string;
    readonly passive: boolean;
    readonly durable: boolean;
    readonly exclusive: boolean;
    readonly autoDelete: boolean;
    readonly nowait: boolean;
    readonly arguments: Table;
  };
  QueueBind: BindFields & { readonly queue: string; readonly exchange: string; readonly nowait: boolean };
  QueueUnbind: BindFields & { readonly queue: string; readonly exchange: string };
  QueuePurge: { readonly queue: string; readonly nowait: boolean };
  QueueDelete: {
    readonly queue: string;
    readonly ifUnused: boolean;
    readonly ifEmpty: boolean;
    readonly nowait: boolean;
  };
  BasicQos: { readonly prefetchSize: number; readonly prefetchCount: number; readonly global: boolean };
  BasicConsume: {
    readonly queue: string;
    readonly consumerTag: string;
    readonly noLocal: boolean;
    readonly noAck: boolean;
    readonly exclusive: boolean;
    readonly nowait: boolean;
    readonly arguments: Table;
  };
  BasicCancel: { readonly consumerTag: string; readonly nowait: boolean };
  BasicCancelOk: { readonly consumerTag: string };
  BasicPublish: {
    readonly exchange: string;
    readonly routingKey: string;
    readonly mandatory: boolean;
    readonly immediate: boolean;
  };
  BasicGet: { readonly queue: string; readonly noAck: boolean };
  BasicAck: { readonly deliveryTag: number; readonly multiple: boolean };
  BasicReject: { readonly deliveryTag: number; readonly requeue: boolean };
  BasicNack: { readonly deliveryTag: number; readonly multiple: boolean; readonly requeue: boolean };
  BasicRecover: { readonly requeue: boolean };
  BasicRecoverAsync: { readonly requeue: boolean };
  ConfirmSelect: { readonly nowait: boolean };
  TxSelect: Empty;
  TxCommit: Empty;
  TxRollback: Empty;
}

/** What this server sends. */
export interface ServerMethods {
  ConnectionStart: {
    readonly versionMajor: number;
    readonly versionMinor: number;
    readonly serverProperties: Table;
    readonly mechanisms: Buffer;
    readonly locales: Buffer;
  };
  ConnectionTune: { readonly channelMax: number; readonly frameMax: number; readonly heartbeat: number };
  ConnectionOpenOk: Empty;
  ConnectionClose: CloseFields;
  ConnectionCloseOk: Empty;
  ConnectionBlocked: { readonly reason: string };
  ConnectionUnblocked: Empty;
  ConnectionUpdateSecretOk: Empty;
  ChannelOpenOk: Empty;
  ChannelFlowOk: { readonly active: boolean };
  ChannelClose: CloseFields;
  ChannelCloseOk: Empty;
  ExchangeDeclareOk: Empty;
  ExchangeDeleteOk: Empty;
  ExchangeBindOk: Empty;
  ExchangeUnbindOk: Empty;
  QueueDeclareOk: { readonly queue: string; readonly messageCount: number; readonly consumerCount: number };
  QueueBindOk: Empty;
  QueueUnbindOk: Empty;
  QueuePurgeOk: { readonly messageCount: number };
  QueueDeleteOk: { readonly messageCount: number };
  BasicQosOk: Empty;
  BasicConsumeOk: { readonly consumerTag: string };
  BasicCancel: { readonly consumerTag: string; readonly nowait: boolean };
  BasicCancelOk: { readonly consumerTag: string };
  BasicReturn: {
    readonly replyCode: number;
    readonly replyText: string;
    readonly exchange: string;
    readonly routingKey: string;
  };
  BasicDeliver: {
    readonly consumerTag: string;
    readonly deliveryTag: number;
    readonly redelivered: boolean;
    readonly exchange: string;
    readonly routingKey: string;
  };
  BasicGetOk: {
    readonly deliveryTag: number;
    readonly redelivered: boolean;
    readonly exchange: string;
    readonly routingKey: string;
    readonly messageCount: number;
  };
  BasicGetEmpty: Empty;
  BasicAck: { readonly deliveryTag: number; readonly multiple: boolean };
  BasicNack: { readonly deliveryTag: number; readonly multiple: boolean; readonly requeue: boolean };
  BasicRecoverOk: Empty;
  ConfirmSelectOk: Empty;
}

export type ClientMethodName = keyof ClientMethods;
export type ServerMethodName = keyof ServerMethods;

/** One method from a client; the name decides which fields it has. */
export type ClientMethod = {
  [Name in ClientMethodName]: { readonly name: Name; readonly fields: ClientMethods[Name] };
}[ClientMethodName];
