import type { components } from './schema';

type Schemas = components['schemas'];

export type User = Schemas['User'];
export type Container = Schemas['Container'];
export type ContainerDetail = Schemas['ContainerDetail'];
export type Port = Schemas['Port'];
export type Usage = Schemas['Usage'];
export type LogLine = Schemas['LogLine'];
export type SystemStats = Schemas['SystemStats'];
export type SystemHealth = Schemas['SystemHealth'];
export type HealthCheck = Schemas['Check'];
export type Metrics = Schemas['Metrics'];
export type Job = Schemas['Job'];
export type Session = Schemas['Session'];
export type ApiKey = Schemas['ApiKey'];

/** Items of the streams that the live socket carries. */
export type LogBatch = Schemas['LogBatch'];
export type JobItem = Schemas['JobsSnapshot'] | Schemas['JobUpdate'];
export type ContainerItem =
  | Schemas['Snapshot']
  | Schemas['Changed']
  | Schemas['Removed']
  | Schemas['UsageUpdate']
  | Schemas['EngineUpdate'];
