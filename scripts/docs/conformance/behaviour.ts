/** A test of this repository. */
export interface OwnTest {
  /** Path from `test/`. */
  readonly file: string;
  /** Its title as the source has it, with `%s` where each case fills something in. */
  readonly title: string;
}

/** What another project's tests say that it does, and what this one has for it. */
export interface Behaviour {
  /** The names of that project's tests. */
  readonly theirs: readonly string[];
  readonly says: string;
  /** Our tests of it, or why it does not apply here. */
  readonly ours: readonly OwnTest[] | string;
}

/** Tests of one file or kind, in another project. */
export interface Suite {
  readonly name: string;
  readonly behaviours: readonly Behaviour[];
}

/** A project, as it was read. */
export interface Project {
  readonly name: string;
  /** Address of its repository. */
  readonly repository: string;
  /** The commit that was read. */
  readonly commit: string;
  readonly suites: readonly Suite[];
}

/** A behaviour that holds here, too: `theirs` are names separated by semicolons, `ours` the tests of it. */
export function same(theirs: string, says: string, ...ours: readonly (readonly OwnTest[])[]): Behaviour {
  return { theirs: theirs.split('; '), says, ours: ours.flat() };
}

/** A behaviour that does not apply here, and why; `theirs` as for `same`. */
export function other(theirs: string, says: string, why: string): Behaviour {
  return { theirs: theirs.split('; '), says, ours: why };
}

/** Tests of this repository in one file, whose path is from `test/` and has no `.ts`. */
export function tests(path: string, ...titles: readonly string[]): OwnTest[] {
  return titles.map((title) => ({ file: `${path}.ts`, title }));
}

/** Tests of the function's behaviour of that name. */
export function behaviour(name: string, ...titles: readonly string[]): OwnTest[] {
  return tests(`functions/kafka-elasticsearch-sink/behaviour/${name}.test`, ...titles);
}

/** Tests of one of the function's modules. */
export function unit(name: string, ...titles: readonly string[]): OwnTest[] {
  return tests(`functions/kafka-elasticsearch-sink/${name}.test`, ...titles);
}

/** Tests of the component, which deploys and operates connectors. */
export function component(name: string, ...titles: readonly string[]): OwnTest[] {
  return tests(`scripts/connector/${name}`, ...titles);
}
