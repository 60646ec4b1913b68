/** Numbers as people read them. No other module turns a quantity into text. */

const grouped = new Intl.NumberFormat('en-US');
const fixed = (digits: number) =>
  new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const ONE = fixed(1);
const TWO = fixed(2);
const SIGNED = new Intl.NumberFormat('en-US', {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
  signDisplay: 'exceptZero',
});

/** A whole number with its thousands apart: `12,345`. */
export function countText(n: number): string {
  return grouped.format(Math.round(n));
}

/** A whole number and its noun: `1 page`, `2 pages`. */
export function countOf(n: number, noun: string, plural = `${noun}s`): string {
  return `${countText(n)} ${n === 1 ? noun : plural}`;
}

/** How many lie somewhere: `1 vector lies`, `13 vectors lie`. */
export function countLying(n: number, noun: string): string {
  return `${countOf(n, noun)} ${n === 1 ? 'lies' : 'lie'}`;
}

/** Bytes in binary units: `33.2 MiB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return power === 0 ? `${bytes} B` : `${ONE.format(bytes / 1024 ** power)} ${units[power]}`;
}

/** A bandwidth in GB/s (1e9 bytes a second), without its unit: `205.8`, and `4.13` below ten. */
export function gbpsText(gbps: number): string {
  return (gbps < 10 ? TWO : ONE).format(gbps);
}

/** A share as a percentage: `97.3 %`. */
export function percentText(share: number): string {
  return `${ONE.format(share * 100)} %`;
}

/** A share as a whole percentage: `95 %`; what is not quite all or nothing is `> 99 %`, `< 1 %`. */
export function wholePercentText(share: number): string {
  if (share > 0 && share < 0.01) return '< 1 %';
  if (share > 0.99 && share < 1) return '> 99 %';
  return `${countText(share * 100)} %`;
}

/** A change by a share: `+20 %`, `-5 %`. */
export function changeText(share: number): string {
  return `${share > 0 ? '+' : '-'}${countText(Math.abs(share) * 100)} %`;
}

/** How much better one throughput is than another: `+4.4 %`, and a factor (`9.0 x`) from double on. */
export function gainText(throughput: number, against: number): string {
  const ratio = throughput / against;
  if (ratio >= 2) return `${ONE.format(ratio)} x`;
  return `${SIGNED.format((ratio - 1) * 100)} %`;
}

/** How much less one throughput is than another: `6.2 % less`, or `0.4 % more`. */
export function lossText(throughput: number, against: number): string {
  const change = throughput / against - 1;
  return `${percentText(Math.abs(change))} ${change > 0 ? 'more' : 'less'}`;
}

/** A change as a percentage with its sign: `-1.2 %`. */
export function signedPercentText(change: number): string {
  return `${SIGNED.format(change * 100)} %`;
}

/** A latency in ns, without its unit: `115`; a dash where there is none. */
export function latencyText(ns: number | null): string {
  return ns === null ? '-' : countText(ns);
}

/** A time: `1.23 ms`. */
export function timeText(ns: number): string {
  const [unit, scale] = (
    [
      ['s', 1e9],
      ['ms', 1e6],
      ['us', 1e3],
    ] as const
  ).find(([, size]) => ns >= size) ?? ['ns', 1];
  return `${TWO.format(ns / scale)} ${unit}`;
}

/** Prose whose numbers stay on one line with their units: their spaces are no-break ones. */
export function unbroken(text: string): string {
  return text.replace(/(\d) (%|GB\/s|x\b|[num]?s\b|[KMGTP]?i?B\b)/g, '$1\u00a0$2');
}
