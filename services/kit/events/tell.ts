import type { EventType, NewEvent } from '../bus/index.ts';
import type { EventData } from './data.ts';

/** An event for `publishLater`, about the user, or the order, that its data names. */
export function eventAbout<Type extends EventType>(type: Type, data: EventData<Type>): NewEvent {
  return { type, subject: 'order_id' in data ? data.order_id : data.user_id, data };
}
