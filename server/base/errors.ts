/** What an error says to a person: its message alone, without a stack. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The innermost reason: what wraps it says only that a fetch failed. */
export function innermostReason(error: unknown): string {
  let inner = error as { cause?: unknown; code?: string; message?: string };
  while (inner?.cause) inner = inner.cause as typeof inner;
  return inner?.code ?? inner?.message ?? String(error);
}
