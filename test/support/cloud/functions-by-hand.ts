import type { Generation } from '../../../scripts/local/api/generation.ts';
import type { TestCloud } from './local-cloud.ts';
import { fc3 } from './sdk-clients.ts';

const enable = { 'x-fc-enable-eventbridge-trigger': 'enable' };
const functionInService = 'elasticsearch-sink';
const triggerName = 'kafka';

interface Fields {
  readonly [name: string]: unknown;
}

/** A trigger's configuration, as far as tests look at it. */
interface TriggerConfig extends Fields {
  readonly runOptions: Fields;
  readonly eventSinkConfig: { readonly deliveryOption: Fields };
}

/** What a person does to a connector's function in the console, by the SDK of its generation; a name is that of its service in 2.0. */
export class FunctionsByHand {
  readonly generation: Generation;
  readonly #cloud: TestCloud;

  constructor(cloud: TestCloud, generation: Generation) {
    this.#cloud = cloud;
    this.generation = generation;
  }

  get #clients() {
    return this.#cloud.clients();
  }

  async names(): Promise<string[]> {
    if (this.generation === '2.0') {
      const { data } = await this.#clients.fc.listServices();
      return data.services.map(({ serviceName }: { serviceName: string }) => serviceName).sort();
    }
    const { body } = await this.#clients.fc3.listFunctions(new fc3.ListFunctionsRequest({ fcVersion: 'v3' }));
    return (body?.functions ?? []).map(({ functionName = '' }) => functionName).sort();
  }

  /** Something that has a name as a connector's, with nothing in it that works. */
  async create(name: string, description: string): Promise<void> {
    if (this.generation === '2.0') {
      await this.#clients.fc.createService(name, { description });
      return;
    }
    const code = new fc3.InputCodeLocation({ zipFile: emptyZip });
    const body = new fc3.CreateFunctionInput({ functionName: name, description, runtime: 'nodejs20', handler: 'index.handler', code });
    await this.#clients.fc3.createFunction(new fc3.CreateFunctionRequest({ body }));
  }

  async delete(name: string): Promise<void> {
    if (this.generation === '2.0') await this.#clients.fc.deleteService(name);
    else await this.#clients.fc3.deleteFunction(name);
  }

  async variables(name: string): Promise<{ readonly [variable: string]: string }> {
    if (this.generation === '2.0') return (await this.#clients.fc.getFunction(name, functionInService)).data.environmentVariables;
    return (await this.#clients.fc3.getFunction(name, new fc3.GetFunctionRequest({}))).body?.environmentVariables ?? {};
  }

  async updateFunction(name: string, changes: Fields): Promise<void> {
    if (this.generation === '2.0') {
      await this.#clients.fc.updateFunction(name, functionInService, changes);
      return;
    }
    const body = new fc3.UpdateFunctionInput({ ...changes });
    await this.#clients.fc3.updateFunction(name, new fc3.UpdateFunctionRequest({ body }));
  }

  /** Takes role, log and network away, of the service in 2.0. */
  async takePlacement(name: string): Promise<void> {
    const nothing = { role: '', logConfig: {}, vpcConfig: {} };
    if (this.generation === '2.0') await this.#clients.fc.updateService(name, nothing);
    else await this.updateFunction(name, nothing);
  }

  /** undefined when there is none. */
  async trigger(name: string): Promise<TriggerConfig | undefined> {
    if (this.generation === '2.0') {
      const found = await unlessAbsent(this.#clients.fc.getTrigger(name, functionInService, triggerName, enable));
      return found?.data.triggerConfig;
    }
    const found = await unlessAbsent(this.#clients.fc3.getTrigger(name, triggerName));
    return found && JSON.parse(found.body?.triggerConfig ?? '{}');
  }

  async updateTrigger(name: string, triggerConfig: Fields, description = ''): Promise<void> {
    if (this.generation === '2.0') {
      await this.#clients.fc.updateTrigger(name, functionInService, triggerName, { triggerConfig, description }, enable);
      return;
    }
    const body = new fc3.UpdateTriggerInput({ description, triggerConfig: JSON.stringify(triggerConfig) });
    await this.#clients.fc3.updateTrigger(name, triggerName, new fc3.UpdateTriggerRequest({ body }));
  }
}

async function unlessAbsent<Response>(response: Promise<Response>): Promise<Response | undefined> {
  return response.catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'TriggerNotFound') return undefined;
    throw error;
  });
}

/** An archive without files. */
const emptyZip = Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)]).toString('base64');
