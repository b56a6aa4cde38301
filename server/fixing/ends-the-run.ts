/** Texts that make a run end or skip instead of passing it. */

/** Calls that end the process or take a test out. Bounded: each is a word and what stands right behind it. */
const ENDS =
  /\b(?:sys\.exit|os\._exit|os\.abort|os\.kill|process\.(?:exit|abort|kill|reallyExit)|System\.exit|Runtime\.getRuntime|Environment\.(?:Exit|FailFast)|os\.Exit|syscall\.Exit|std::process::(?:exit|abort)|process::exit|SystemExit|SkipTest|pytest\.(?:skip|exit|xfail|importorskip)|unittest\.skip\w{0,10}|\bt\.(?:Skip|SkipNow|Skipf)|this\.skip|Deno\.exit|Bun\.exit|exit!|abort|quit|_?exit|die)\s{0,4}(?:\(|!|;|$)|\braise\s{1,4}(?:SystemExit|SkipTest|KeyboardInterrupt)\b/m;

/** Whether a text has such a call that what stood there before had not. */
export function endsTheRun(text: string, failing: string): boolean {
  return ENDS.test(text) && !ENDS.test(failing);
}
