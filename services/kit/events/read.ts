import type { EventType } from '../bus/index.ts';
import { dataSchemas, type EventData } from './data.ts';
import { dataReader } from './data-reader.ts';

/**
 * What a consumer reads the data of these types with. What does not fit the schema of its type, or is of another type,
 * throws: such an event is dead at once, because no further attempt makes it fit.
 */
export function readEvent<Type extends EventType>(
  ...types: Type[]
): (data: unknown, type: string) => EventData<Type> {
  const readers = new Map<string, (data: unknown) => EventData<Type>>(
    types.map((type) => [type, dataReader<EventData<Type>>(dataSchemas[type])]),
  );
  return (data, type) => {
    const read = readers.get(type);
    if (read === undefined) throw new Error(`an event ${type} is not read here`);
    return read(data);
  };
}
