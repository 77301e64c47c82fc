/** Minutes since midnight, local to the office. A window may pass midnight. */
export interface SyncWindow {
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** Whether an instant lies in one of the windows, by the office's own clock on the wall; no windows: always. */
export function windowsOpen(windows: readonly SyncWindow[], timeZone: string): (nowMs: number) => boolean {
  if (windows.length === 0) return () => true;
  const wall = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (nowMs) => {
    const [hour, minute] = wall.format(nowMs).split(':').map(Number) as [number, number];
    return windows.some((window) => contains(window, hour * 60 + minute));
  };
}

function contains({ fromMinute, toMinute }: SyncWindow, minute: number): boolean {
  if (fromMinute < toMinute) return minute >= fromMinute && minute < toMinute;
  return minute >= fromMinute || minute < toMinute;
}
