/**
 * What each event's author had before it of the same entity, whatever clocks say: names of facts, by the name of the event.
 * A restored office that is asked again for what it has forgotten writes a second account under the same name, having seen
 * something else; which of them stays in the end is for the repair.
 */
export class Tellings {
  readonly #ofName = new Map<string, ReadonlySet<string>[]>();

  has(name: string): boolean {
    return this.#ofName.has(name);
  }

  begin(name: string, seen: ReadonlySet<string>): void {
    this.#ofName.set(name, [seen]);
  }

  addAnother(name: string, seen: ReadonlySet<string>): void {
    this.#ofName.get(name)!.push(seen);
  }

  of(name: string): readonly ReadonlySet<string>[] {
    return this.#ofName.get(name) ?? [];
  }
}
