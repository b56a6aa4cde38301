/** Mocha's own "spec" output, and the counts as JSON in $HINDSIGHT_COUNTS for the summary of `npm test`. */

const { writeFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      if (process.env.HINDSIGHT_COUNTS)
        writeFileSync(process.env.HINDSIGHT_COUNTS, JSON.stringify({ passes, failures, pending }));
    });
  }
}

module.exports = CountingReporter;
