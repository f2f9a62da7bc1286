//! The organisations that this process serves now.

use super::Tenant;
use crate::service::Candidate;
use model::OrganisationId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Instant,
};
use tokio::sync::OnceCell;

/// The organisations that this process serves. Cheap to clone.
///
/// Each is opened when it is first asked for, once however many ask at that
/// moment, and closed again when it is not used and memory is short.
#[derive(Clone, Default)]
pub struct Tenants(Arc<Served>);

#[derive(Default)]
struct Served {
    /// The one organisation of local mode.
    local: Option<OrganisationId>,
    slots: Mutex<HashMap<OrganisationId, Slot>>,
}

/// An organisation that is open, or about to be.
struct Slot {
    tenant: Arc<OnceCell<Arc<Tenant>>>,
    used: Instant,
}

impl Default for Slot {
    fn default() -> Self {
        Self { tenant: Arc::default(), used: Instant::now() }
    }
}

impl Tenants {
    /// The one organisation of local mode. A request that names none means it.
    pub fn local(tenant: Tenant) -> Self {
        let organisation = tenant.organisation.clone();
        let slot = Slot { tenant: Arc::new(OnceCell::new_with(Some(Arc::new(tenant)))), used: Instant::now() };
        let slots = Mutex::new(HashMap::from([(organisation.clone(), slot)]));
        Self(Arc::new(Served { local: Some(organisation), slots }))
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<OrganisationId, Slot>> {
        self.0.slots.lock().expect("nothing panics while it holds this lock")
    }

    /// The organisation's tenant, if it is open.
    pub fn get(&self, organisation: &OrganisationId) -> Option<Arc<Tenant>> {
        self.slots().get(organisation)?.tenant.get().cloned()
    }

    /// The same, for someone from outside: what goes on by itself is no use.
    pub(crate) fn used(&self, organisation: &OrganisationId) -> Option<Arc<Tenant>> {
        let mut slots = self.slots();
        let slot = slots.get_mut(organisation)?;
        slot.used = Instant::now();
        slot.tenant.get().cloned()
    }

    /// The organisation's tenant, made by `make` if it is not open yet. While
    /// one makes it the others wait; if that fails, the next one tries.
    ///
    /// # Errors
    /// Those of `make`.
    pub async fn open<E>(
        &self,
        organisation: &OrganisationId,
        make: impl Future<Output = Result<Arc<Tenant>, E>>,
    ) -> Result<Arc<Tenant>, E> {
        let cell = {
            let mut slots = self.slots();
            let slot = slots.entry(organisation.clone()).or_default();
            slot.used = Instant::now();
            slot.tenant.clone()
        };
        let opened = cell.get_or_try_init(|| make).await.cloned();
        if opened.is_err() {
            let mut slots = self.slots();
            // Only if it is still the one that failed, and nobody else tries it now.
            if slots.get(organisation).is_some_and(|slot| {
                Arc::ptr_eq(&slot.tenant, &cell) && !cell.initialized() && Arc::strong_count(&cell) == 2
            }) {
                slots.remove(organisation);
            }
        }
        opened
    }

    /// Forgets a tenant that is about to be closed.
    pub fn remove(&self, tenant: &Arc<Tenant>) {
        let mut slots = self.slots();
        let is_it = |slot: &Slot| slot.tenant.get().is_some_and(|open| Arc::ptr_eq(open, tenant));
        if slots.get(&tenant.organisation).is_some_and(is_it) {
            slots.remove(&tenant.organisation);
        }
    }

    /// Every organisation that is open, and since when nobody asked for it.
    pub(crate) fn candidates(&self, now: Instant) -> Vec<Candidate> {
        let slots = self.slots();
        let open = slots.iter().filter_map(|(organisation, slot)| {
            let tenant = slot.tenant.get()?;
            Some(Candidate {
                organisation: organisation.clone(),
                idle: now.saturating_duration_since(slot.used),
                is_busy: tenant.jobs.is_busy(),
            })
        });
        open.collect()
    }

    /// Every organisation that is open, those first that were not used for longest.
    pub fn all(&self) -> Vec<Arc<Tenant>> {
        let slots = self.slots();
        let mut open: Vec<_> =
            slots.values().filter_map(|slot| Some((slot.used, slot.tenant.get()?.clone()))).collect();
        open.sort_by_key(|(used, _)| *used);
        open.into_iter().map(|(_, tenant)| tenant).collect()
    }

    /// The one organisation of local mode.
    pub fn local_tenant(&self) -> Option<Arc<Tenant>> {
        self.get(self.0.local.as_ref()?)
    }
}
