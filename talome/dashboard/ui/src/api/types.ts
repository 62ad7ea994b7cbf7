import type { components } from './schema';

type Schemas = components['schemas'];

export type User = Schemas['User'];
export type Container = Schemas['Container'];
export type ContainerDetail = Schemas['ContainerDetail'];
export type Port = Container['ports'][number];
export type Usage = Schemas['Usage'];
export type LogLine = Schemas['LogLine'];
export type SystemStats = Schemas['SystemStats'];
export type SystemHealth = Schemas['SystemHealth'];
export type HealthCheck = SystemHealth['checks'][number];
export type Metrics = Schemas['Metrics'];
export type Job = Schemas['Job'];
