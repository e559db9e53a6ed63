/** A folder of a test's own as the place of all files of an app, on every system. */
import { type DataPaths, dataPaths } from '../../electron/system/data-paths.ts';

/** The variables that keep them there. */
export function environmentIn(dataFolder: string): Record<string, string> {
  return { HOME: dataFolder, XDG_DATA_HOME: dataFolder, LOCALAPPDATA: dataFolder };
}

/** Where they then lie. */
export function dataIn(dataFolder: string): DataPaths {
  return dataPaths(process.platform, dataFolder, environmentIn(dataFolder));
}
