/** An integer literal of Go, underscores between its digits included (the Go specification, "Integer literals"). */
const GO_INTEGER =
  /^(?<sign>[+-]?)(?<digits>0[xX](?:_?[\da-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])*|[1-9](?:_?\d)*)$/;

/** The number that a text stands for, as Go reads integers from the environment, or undefined if it stands for none. */
export function parseGoInteger(text: string): number | undefined {
  const { sign, digits } = GO_INTEGER.exec(text)?.groups ?? {};
  if (digits === undefined) {
    return undefined;
  }
  // A leading 0 alone means octal to Go, and nothing to JavaScript.
  const value = Number(digits.replaceAll('_', '').replace(/^0(?=\d)/, '0o'));
  return sign === '-' ? 0 - value : value;
}
