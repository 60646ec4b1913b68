/**
 * Lets the first SIGINT do `act` in place of what it does otherwise; from the second on it does that again.
 * Returns how to give it back before there was one.
 */
export function onFirstInterrupt(act: () => void): () => void {
  const usual = process.rawListeners('SIGINT') as NodeJS.SignalsListener[];
  const giveBack = () => {
    process.off('SIGINT', first);
    for (const listener of usual.splice(0)) process.on('SIGINT', listener);
  };
  const first = () => {
    giveBack();
    act();
  };
  process.removeAllListeners('SIGINT');
  process.on('SIGINT', first);
  return giveBack;
}
