/** Enough to know a program by. */
const COMMAND_LENGTH = 200;

/** A command line is whatever its process makes it: as long, and with as odd characters, as it likes. */
export function printable(command: string): string {
  const plain = command.replaceAll(/[\p{Cc}\s]+/gu, ' ');
  return plain.length > COMMAND_LENGTH ? `${plain.slice(0, COMMAND_LENGTH)}…` : plain;
}
