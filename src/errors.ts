/**
 * A mistake that the person at the keyboard can mend: a wrong flag, file, image or size. Its message is one or two
 * plain sentences that say what was wrong, where, what was expected and what to do. The command line prints it
 * without a stack trace; the app shows it as it stands. Anything else that is thrown is a bug of ours.
 */
export class UserError extends Error {
  override name = "UserError";
}

/** A `UserError` about how the program was called (a flag, a setting): the command line exits with 2 instead of 1. */
export class UsageError extends UserError {
  override name = "UsageError";
}

/** What was given, as messages show it: its beginning if it is long, and `nothing` if it is empty. */
export function asGiven(text: string): string {
  if (text === "") return "nothing";
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
