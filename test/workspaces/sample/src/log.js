/** How this shop reports trouble: one event with its level, the function it comes from, and its data. */
export const Level = { Info: 'info', Warn: 'warn', Error: 'error' };

const events = [];

export const lg = {
  emit(level, from, data) {
    events.push({ level, from, data });
  },
  taken() {
    return events.splice(0);
  },
};
