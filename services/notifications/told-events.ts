/** The events of which customers can be told by e-mail. */
export const toldEvents = ['order.created', 'payment.processed'] as const;

export type ToldEvent = (typeof toldEvents)[number];

/** A list such as `order.created,payment.processed`; undefined when it is empty, or has something twice or unknown. */
export function readToldEvents(text: string): readonly ToldEvent[] | undefined {
  const names = text.split(/[\s,]+/).filter((name) => name !== '');
  const told = toldEvents.filter((event) => names.includes(event));
  return told.length === names.length && told.length > 0 ? told : undefined;
}
