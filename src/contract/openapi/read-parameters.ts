import type { Path } from '../../source/index.ts';
import type { Parameter } from './contract.ts';
import { isObject, textOf } from './json.ts';
import { readFallback, readNamedExamples } from './read-examples.ts';
import type { Reader } from './reader.ts';

/** The parameters of an operation: its own, and those of its path that it does not redefine. */
export function readParameters(reader: Reader, itemAt: Path, operationAt: Path): Parameter[] {
  const byKey = new Map<string, Parameter>();
  for (const at of [itemAt, operationAt]) {
    for (const node of reader.items(at, 'parameters')) {
      const parameter = isObject(node.value) ? readParameter(reader, node.at) : undefined;
      if (parameter !== undefined) byKey.set(`${parameter.in} ${parameter.name}`, parameter);
    }
  }
  return [...byKey.values()];
}

function readParameter(reader: Reader, at: Path): Parameter | undefined {
  const { value } = reader.object(at);
  const place = textOf(value['in']);
  if (place !== 'path' && place !== 'query' && place !== 'header' && place !== 'cookie') return undefined;
  const style = textOf(value['style']) ?? (place === 'query' || place === 'cookie' ? 'form' : 'simple');
  const explode = value['explode'];
  const fallback = readFallback(reader, at, ['examples', 'example', 'default']);
  return {
    name: textOf(value['name']) ?? '',
    in: place,
    required: value['required'] === true,
    explode: typeof explode === 'boolean' ? explode : style === 'form',
    examples: readNamedExamples(reader, at),
    ...(fallback === undefined ? {} : { fallback }),
    ...reader.schemaPlace(at),
  };
}
