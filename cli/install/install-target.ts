export const INSTALL_NAMES = ["tmux", "shim", "extension", "completions"] as const;
export type InstallName = (typeof INSTALL_NAMES)[number];

/** What installing or removing something would do here; found out without changing anything. */
export interface InstallPlan {
  /** Lines for the user to read before it is done: what is changed where, and what follows from it. */
  readonly says: readonly string[];
  /** Does it, and returns what was done, in a sentence. Absent when there is nothing to do. */
  readonly apply?: () => Promise<string>;
}

/** Something of pisync's that is put among the files of another program. */
export interface InstallTarget {
  /** Installs it, or brings what an older pisync installed up to date. @throws PisyncError `foreign-file`. */
  planInstall(): Promise<InstallPlan>;
  /** Removes exactly what was installed. @throws PisyncError `foreign-file`. */
  planRemoval(): Promise<InstallPlan>;
}
