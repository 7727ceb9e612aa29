// Which stretch of time do the panes of a chart show, and where in it does the reader point?

// No closer than so many rows.
const ROWS_LEAST = 6;

export class View {
  constructor(whole, step) {
    this.whole = whole;
    this.step = step;
    this.cursor = null;
    this.listeners = [];
    [this.from, this.to] = whole;
  }

  listen(act) {
    this.listeners.push(act);
  }

  get span() {
    return this.to - this.from;
  }

  get isWhole() {
    return this.span >= (this.whole[1] - this.whole[0]) * 0.9999;
  }

  // Shows a stretch, as far as the run reaches.
  show(from, to) {
    const all = this.whole[1] - this.whole[0];
    const span = Math.min(Math.max(to - from, Math.min(ROWS_LEAST * this.step, all)), all);
    const start = Math.min(Math.max((from + to - span) / 2, this.whole[0]), this.whole[1] - span);
    [this.from, this.to] = [start, start + span];
    this.tell("view");
  }

  showAll() {
    this.show(...this.whole);
  }

  zoom(factor, at = this.cursor ?? (this.from + this.to) / 2) {
    this.show(at - (at - this.from) * factor, at + (this.to - at) * factor);
  }

  move(share) {
    const by = this.span * share;
    const kept = Math.min(Math.max(by, this.whole[0] - this.from), this.whole[1] - this.to);
    this.show(this.from + kept, this.to + kept);
  }

  // Brings a time into view without another zoom.
  reveal(time) {
    if (time < this.from || time > this.to) this.show(time - this.span / 2, time + this.span / 2);
  }

  look(from, to) {
    const span = Math.max((to - from) * 4, this.step * 40);
    const middle = (from + to) / 2;
    this.show(middle - span / 2, middle + span / 2);
  }

  point(time) {
    this.cursor = time === null ? null : Math.min(Math.max(time, this.whole[0]), this.whole[1]);
    this.tell("cursor");
  }

  tell(what) {
    for (const act of this.listeners) act(what);
  }
}
