//! The protocol of the service manager in C, up to Android 10: bare results, and one status for all that is wrong.

use alloc::string::String;

use libbinder::{Parcel, StatusCode};
use servicemanager::registry::Isolated;

use crate::manager::{DUMP_DEFAULT, Manager};

const GET_SERVICE: u32 = 1;
const CHECK_SERVICE: u32 = 2;
const ADD_SERVICE: u32 = 3;
const LIST_SERVICES: u32 = 4;

/// The status for everything that is refused.
const REFUSED: StatusCode = StatusCode::PermissionDenied;

/// Handles a call whose token has been read.
pub(crate) fn call(
    manager: &Manager,
    code: u32,
    data: &Parcel,
    reply: &mut Parcel,
) -> Result<(), StatusCode> {
    match code {
        GET_SERVICE | CHECK_SERVICE => {
            let name: String = data.read().map_err(|_| REFUSED)?;
            match manager.hand_out(&name) {
                Some(object) => reply.write_binder_alone(&object),
                None => reply.write(&0)?,
            }
            Ok(())
        }
        ADD_SERVICE => {
            let name: String = data.read().map_err(|_| REFUSED)?;
            let object = data.read_binder_alone().map_err(|_| REFUSED)?;
            // Requests from before dump priorities end early.
            let isolated = if data.read().unwrap_or(false) {
                Isolated::Allowed
            } else {
                Isolated::Refused
            };
            let priority = data.read().unwrap_or(DUMP_DEFAULT);
            manager
                .add(&name, object, isolated, priority)
                .map_err(|_| REFUSED)?;
            reply.write(&0)
        }
        LIST_SERVICES => {
            let index: i32 = data.read().map_err(|_| REFUSED)?;
            let mask = data.read().unwrap_or(-1);
            let names = manager.list(mask).map_err(|_| REFUSED)?;
            let name = usize::try_from(index).ok().and_then(|index| names.get(index));
            reply.write(name.ok_or(REFUSED)?)
        }
        _ => Err(REFUSED),
    }
}
