//! Who acts on the host itself, by a command: whoever holds the data directory, and no caller of a service.

use std::sync::Arc;

use model::caller::Caller;
use model::clock::Clock as _;
use model::cx::{Cx, Surroundings};
use model::entropy::SystemEntropy;
use model::event::EventHead;
use model::instances::instance::Instance;

use crate::clock::SystemClock;

/// A call that whoever holds the data directory makes, seen as the event `name`.
pub(crate) fn call(instance: &Instance, mode: model::limits::Mode, name: &'static str) -> Cx {
    let surroundings = Surroundings {
        region: instance.region.as_str().into(),
        owner: instance.owner.clone(),
        organization: None,
        mode,
        primary: None,
        entropy: Arc::new(SystemEntropy::default()),
    };
    let head = EventHead { source: "sso.amazonaws.com".into(), name: name.into(), ..EventHead::default() };
    Cx::new(&surroundings, Caller::service(instance.owner.clone()), SystemClock.now(), head)
}
