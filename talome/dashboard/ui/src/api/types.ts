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
export type SettingSchema = Schemas['SettingSchema'];
export type SettingState = Schemas['SettingState'];
export type SettingChange = Schemas['SettingChange'];
export type SettingValue = SettingState['value'];
export type AuditEntry = Schemas['AuditEntry'];
export type Board = Schemas['Board'];
export type Place = Schemas['Place'];
export type Widget = Schemas['Widget'];
export type WidgetManifest = Widget['manifest'];
export type WidgetSource = Schemas['WidgetSource'];
export type WidgetOption = Schemas['WidgetOption'];

export type Notification = Schemas['Notification'];
export type PushState = Schemas['PushState'];
export type PushDevice = Schemas['PushSubscription'];

/** Items of the streams that the live socket carries. */
export type NotificationItem = Schemas['NotificationsSnapshot'] | Schemas['NotificationUpdate'];
export type LogBatch = Schemas['LogBatch'];
export type JobItem = Schemas['JobsSnapshot'] | Schemas['JobUpdate'];
export type ContainerItem =
  | Schemas['Snapshot']
  | Schemas['Changed']
  | Schemas['Removed']
  | Schemas['UsageUpdate']
  | Schemas['EngineUpdate'];
