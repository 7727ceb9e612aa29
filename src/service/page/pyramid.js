// How does a year of minutes draw as fast as a day? Rows are joined in pairs, the pairs in pairs, and so on; a drawing takes
// the floor whose rows are as wide as its pixels. A floor's rows keep first, last, highest and lowest, so no spike is lost.

export class Pyramid {
  // `time` rises; `open`, `high`, `low` and `close` are as long as it is.
  constructor(time, open, high, low, close) {
    this.floors = [{ time, open, high, low, close, joined: 1 }];
    while (this.floors.at(-1).time.length > LEAST) this.floors.push(joinedInPairs(this.floors.at(-1)));
  }

  static ofLine(time, value) {
    return new Pyramid(time, value, value, value, value);
  }

  get length() {
    return this.floors[0].time.length;
  }

  get time() {
    return this.floors[0].time;
  }

  // Returns the finest floor with at most so many rows between two times, and which of its rows they are. One row on each
  // side is taken along, so that lines leave the picture instead of ending in it.
  seen(from, to, most) {
    for (const floor of this.floors) {
      const first = Math.max(reached(floor.time, from) - 1, 0);
      const end = Math.min(reached(floor.time, to) + 1, floor.time.length);
      if (end - first <= most + 2 || floor === this.floors.at(-1)) return { floor, first, end };
    }
    throw new Error("a pyramid has a floor");
  }

  // Returns the lowest and the highest value between two times; `null` where there are none.
  bounds(from, to) {
    const { floor, first, end } = this.seen(from, to, 4096);
    let [low, high] = [Infinity, -Infinity];
    for (let row = first; row < end; row += 1) {
      if (floor.low[row] < low) low = floor.low[row];
      if (floor.high[row] > high) high = floor.high[row];
    }
    return low <= high ? [low, high] : null;
  }

  // Returns the last row that begins at or before a time; -1 before the first one.
  rowAt(time) {
    return after(this.time, time) - 1;
  }
}

const LEAST = 64;

function joinedInPairs(below) {
  const count = Math.ceil(below.time.length / 2);
  const floor = { joined: below.joined * 2 };
  for (const key of ["time", "open", "high", "low", "close"]) floor[key] = new Float64Array(count);
  for (let row = 0; row < count; row += 1) {
    const [left, right] = [row * 2, Math.min(row * 2 + 1, below.time.length - 1)];
    floor.time[row] = below.time[left];
    floor.open[row] = below.open[left];
    floor.close[row] = below.close[right];
    floor.high[row] = Math.max(below.high[left], below.high[right]);
    floor.low[row] = Math.min(below.low[left], below.low[right]);
  }
  return floor;
}

// The first row whose time is not before a time.
export function reached(times, time) {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

// The first row whose time is after a time.
export function after(times, time) {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
