//! The public organisations that this server knows, open or not.
//!
//! Whoever asks without a proof is answered from here whether there is anything
//! for them: an organisation that is not known is never looked up for them, and
//! a private one is answered like one that is not there. Each has a small file
//! in its own folder, so that a start knows them without opening any.

use super::RegistryService;
use crate::{catalog::Identity, data::DataFolder, tenants::Tenant};
use arc_swap::ArcSwap;
use model::OrganisationId;
use std::{
    collections::BTreeMap,
    fs, io,
    sync::{Arc, Mutex},
};

/// The public organisations by id, each with what it is called.
pub type PublicOrganisations = BTreeMap<OrganisationId, Identity>;

/// Public organisations, in memory and on disk. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Public(Arc<Known>);

#[derive(Default)]
struct Known {
    organisations: ArcSwap<PublicOrganisations>,
    /// Held while memory and disk are changed, so that both say the same.
    changing: Mutex<()>,
}

impl Public {
    /// Notes that an organisation is public and what it is called, or that it
    /// is not public.
    pub(super) async fn set(&self, service: &RegistryService, id: &OrganisationId, identity: Option<Identity>) {
        if self.0.organisations.load().get(id) == identity.as_ref() {
            return;
        }
        // In local mode there is one organisation, and it is always open.
        let folder = service.directory.is_some().then(|| service.data.clone());
        let (public, id) = (self.clone(), id.clone());
        let changing = tokio::task::spawn_blocking(move || public.change(folder.as_ref(), &id, identity.as_ref()));
        if let Err(error) = changing.await {
            tracing::error!(%error, "who may be read by anyone could not be noted");
        }
    }

    fn change(&self, folder: Option<&DataFolder>, id: &OrganisationId, identity: Option<&Identity>) {
        let _one_at_a_time = self.0.changing.lock().expect("nothing panics while it holds this lock");
        let mut organisations = PublicOrganisations::clone(&self.0.organisations.load());
        match identity {
            Some(identity) => organisations.insert(id.clone(), identity.clone()),
            None => organisations.remove(id),
        };
        self.0.organisations.store(Arc::new(organisations));
        let Some(folder) = folder else { return };
        if let Err(error) = keep(folder, id, identity) {
            // The organisation's catalogue on disk says it, too, and counts once it is opened.
            tracing::warn!(organisation = %id, %error, "who may be read by anyone could not be kept on disk");
        }
    }
}

/// Writes the file of a public organisation, or removes it.
fn keep(folder: &DataFolder, id: &OrganisationId, identity: Option<&Identity>) -> io::Result<()> {
    let path = folder.public_of(id);
    let Some(identity) = identity else {
        return match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
    };
    let temporary = path.with_extension("json.new");
    fs::write(&temporary, serde_json::to_vec(identity).expect("texts serialise"))?;
    fs::rename(temporary, path)
}

/// What an earlier process kept of an organisation that was public.
fn kept(folder: &DataFolder, id: &OrganisationId) -> Option<Identity> {
    let identity: Identity = serde_json::from_slice(&fs::read(folder.public_of(id)).ok()?).ok()?;
    Some(identity).filter(|identity| identity.public)
}

impl RegistryService {
    /// The same, knowing the public organisations that an earlier process knew.
    #[must_use]
    pub fn knowing_public(self) -> Self {
        let organisations = self.data.organisations().into_iter();
        let known = organisations.filter_map(|id| Some((id.clone(), kept(&self.data, &id)?)));
        self.public.0.organisations.store(Arc::new(known.collect()));
        self
    }

    /// The public organisations that this server knows.
    pub fn public_organisations(&self) -> Arc<PublicOrganisations> {
        self.public.0.organisations.load_full()
    }

    /// What an organisation is called, if it is known to be public.
    pub fn public_identity(&self, organisation: &OrganisationId) -> Option<Identity> {
        self.public.0.organisations.load().get(organisation).cloned()
    }

    /// Whether anyone may read this organisation's registry.
    pub fn is_public(&self, organisation: &OrganisationId) -> bool {
        self.public.0.organisations.load().contains_key(organisation)
    }

    /// Notes whether what a tenant serves now is public.
    pub(super) async fn note_visibility(&self, tenant: &Tenant) {
        let identity = tenant.catalog.load().identity().clone();
        self.public.set(self, &tenant.organisation, Some(identity).filter(|identity| identity.public)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_public_is_known_again_and_what_is_not_any_more_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::at(folder.path()).unwrap();
        let (open, closed): (OrganisationId, OrganisationId) =
            ("org_open".parse().unwrap(), "org_closed".parse().unwrap());
        let identity = Identity { alias: "@open".to_owned(), public: true, ..Identity::default() };
        for id in [&open, &closed] {
            data.of(id).unwrap();
            keep(&data, id, Some(&identity)).unwrap();
        }
        keep(&data, &closed, None).unwrap();
        keep(&data, &closed, None).unwrap();
        assert_eq!((kept(&data, &open), kept(&data, &closed)), (Some(identity.clone()), None));
        // A file that says nothing, or that it is not public, counts for nothing.
        for text in ["", "{}", &serde_json::to_string(&Identity { public: false, ..identity }).unwrap()] {
            fs::write(data.public_of(&open), text).unwrap();
            assert_eq!(kept(&data, &open), None, "{text}");
        }
    }
}
