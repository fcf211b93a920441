//! The IPC layer: Parcel, ProcessState, IpcThreadState, proxies and native objects.
