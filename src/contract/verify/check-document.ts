import type { Finding } from '../../model/index.ts';
import type { Example, MediaType, Operation } from '../openapi/contract.ts';
import { isJson } from '../openapi/media-type.ts';
import { isSuccess } from '../openapi/status.ts';
import type { LoadedContract } from '../service.ts';
import { canFail } from './can-fail.ts';
import { expectedAnswer } from './expected-answer.ts';

/**
 * Examples that break the schemas they are examples of. An example of a request that is to be refused may be wrong on
 * purpose and is not judged. Compiles every schema of the document on the way.
 *
 * @throws ShopctlError `contract-invalid` when a schema cannot be compiled
 */
export function checkExamples(service: LoadedContract): Finding[] {
  return service.contract.operations.flatMap((operation) => [
    ...checkRequestExamples(service, operation),
    ...operation.responses.flatMap(({ status, media }) =>
      media.flatMap((type) =>
        checkMediaType(service, type, {
          direction: 'response',
          subject: `${service.name}#${operation.id} ${status} ${type.type}`,
          isMeant: () => true,
        }),
      ),
    ),
  ]);
}

/** Answers of success whose schema nothing, or any object, would break: a verification of these proves little. */
export function findWeaknesses({ name, contract }: LoadedContract): Finding[] {
  return contract.operations.flatMap((operation) =>
    operation.responses
      .filter(({ status }) => isSuccess(status))
      .flatMap(({ status, media }) =>
        media
          .filter(({ type, schemaAt }) => isJson(type) && !canFail(contract.root, schemaAt))
          .map(({ type }) => ({
            rule: 'cannot-fail',
            message: 'this contract cannot fail: no field is required, so any object fits it',
            subject: `${name}#${operation.id} ${status} ${type}`,
          })),
      ),
  );
}

function checkRequestExamples(service: LoadedContract, operation: Operation): Finding[] {
  const isMeant = (example: string) => {
    const answer = expectedAnswer(operation, example);
    return answer.kind === 'documented' && isSuccess(answer.response.status);
  };
  const bodies = (operation.body?.media ?? []).flatMap((type) =>
    checkMediaType(service, type, {
      direction: 'request',
      subject: `${service.name}#${operation.id} request ${type.type}`,
      isMeant,
    }),
  );
  const parameters = operation.parameters.flatMap((parameter) =>
    checkMediaType(service, parameter, {
      direction: 'request',
      subject: `${service.name}#${operation.id} ${parameter.in} parameter ${parameter.name}`,
      isMeant,
    }),
  );
  return [...bodies, ...parameters];
}

function checkMediaType(
  { validators }: LoadedContract,
  { schemaAt, examples }: Pick<MediaType, 'examples'> & { readonly schemaAt?: MediaType['schemaAt'] },
  rules: {
    readonly direction: 'request' | 'response';
    readonly subject: string;
    readonly isMeant: (example: string) => boolean;
  },
): Finding[] {
  if (schemaAt === undefined) return [];
  const { direction, subject, isMeant } = rules;
  validators.prepare(direction, schemaAt);
  return [...examples]
    .filter(([name]) => isMeant(name))
    .flatMap(([name, { value }]: [string, Example]) =>
      validators.validate(direction, schemaAt, value).map(({ rule, message, pointer }) => ({
        rule: 'example-does-not-fit',
        message: `the example \`${name}\` does not fit its schema (${rule}): ${message}`,
        subject,
        pointer,
      })),
    );
}
