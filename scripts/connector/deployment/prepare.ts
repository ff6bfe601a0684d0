import { type Archive, archiveFolder } from '../../bundle/archive.ts';
import { buildPackage, packageFolder } from '../../bundle/package.ts';
import { type Context, cloudOf } from '../config/context.ts';
import { type Environment, environmentIn, environmentOf } from '../config/environment.ts';
import { type Names, namesOf } from '../config/names.ts';
import { ChecksFailed } from '../running/checks-failed.ts';
import { skipsAhead } from '../running/skips.ts';
import { checksOf } from './checks/all-checks.ts';
import type { Check, CheckContext } from './checks/check-result.ts';
import { describeChecks } from './describe.ts';
import type { Intent } from './intent.ts';
import { makePlan, makeRemoval, type Step } from './plan.ts';
import { desiredResources, foundResources, isOfFunction } from './resources/all-resources.ts';
import { type Survey, takeSurvey } from './survey.ts';

/** A plan with all that it rests on and all that carrying it out needs. */
export interface Prepared {
  readonly names: Names;
  readonly survey: Survey;
  readonly checks: readonly Check[];
  readonly steps: readonly Step[];
  /** How the other generation is left, where the connector moves from there. */
  readonly leaving: readonly Step[];
  readonly archive: Archive;
}

/** Builds the package, looks at the cloud, checks, and plans; throws when a check fails. Changes nothing in the cloud. */
export async function prepare({ props, cloud }: Context, intent: Intent): Promise<Prepared> {
  const { accountId } = cloud.access;
  const names = namesOf(props, accountId);
  await buildPackage();
  const archive = await archiveFolder(packageFolder);
  const found = await takeSurvey(cloud, props, names);
  const context: CheckContext = {
    intent,
    props,
    names,
    survey: found,
    ...settings(() => withSkips(environmentOf(props, names, found), found)),
  };
  const checks: Check[] = [{ title: 'Access key', ok: true, detail: `accepted, account ${accountId}` }, ...checksOf(context)];
  const failed = checks.filter(({ ok }) => ok === false);
  const { environment } = context;
  if (failed.length > 0 || !environment) {
    const message = `Nothing was changed: ${failed.length} of ${checks.length} checks failed.\n${describeChecks(failed)}`;
    throw new ChecksFailed(message, { connector: props.name, region: props.region, ...cloudOf(cloud), checks, steps: [] });
  }
  const desired = desiredResources({ ...context, environment, accountId, codeChecksum: archive.checksum });
  const { own, former } = found;
  const steps = makePlan(desired, foundResources({ ...context, own }));
  const left = former ? foundResources({ ...context, own: former }).filter(isOfFunction) : [];
  return { names, survey: found, checks, steps, leaving: makeRemoval(left), archive };
}

function settings(read: () => Environment): Pick<CheckContext, 'environment' | 'settingsFault'> {
  try {
    return { environment: read(), settingsFault: undefined };
  } catch (error) {
    return { environment: undefined, settingsFault: error instanceof Error ? error.message : String(error) };
  }
}

/** Positions that `s resume --skip` has set stay until the group has passed them. */
function withSkips(environment: Environment, { consumerGroup, own, former }: Survey): Environment {
  const set = [own, former].flatMap((one) => environmentIn(one?.function).SKIP_POSITIONS ?? []).join(',');
  const ahead = [...new Set(skipsAhead(set, consumerGroup?.partitions ?? []))];
  return ahead.length === 0 || 'SKIP_POSITIONS' in environment ? environment : { ...environment, SKIP_POSITIONS: ahead.join(',') };
}
