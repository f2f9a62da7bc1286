//! Looking into a repository before it is registered: which registries it has.

use super::{
    DeployToken, RegistryService, ServiceError,
    fetching::Wanted,
    github::TO_PICKER,
    reading,
    reports::last_report,
    repositories::repository_key,
    sync::{found_registries, tracked},
    tree::CommitTree,
};
use crate::auth::{Access, Admin, Read, Role};
use git::{Address, Credentials, Fetch};
use instant::rows;
use model::{CommitSha, FoundRegistry, RefName, RepositoryId};
use serde::{Deserialize, Serialize};

/// What to look into.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Discover {
    /// An `https` or `http` address, or the path of a local repository.
    pub url: String,
    /// The branch or tag to look at; the default branch if not given.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub branch: Option<RefName>,
    /// What to sign in with, if the repository is private. It is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<DeployToken>,
}

/// What a repository has.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Discovery {
    /// Its canonical address.
    pub url: String,
    /// The branch that was looked at.
    pub branch: RefName,
    /// The commit that was looked at.
    pub commit: CommitSha,
    /// Its registries, the one that is read unless another is named first.
    pub registries: Vec<Offer>,
}

/// A registry that can be added.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// Which one.
    #[serde(flatten)]
    pub registry: FoundRegistry,
    /// As which repository it is registered already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registered: Option<RepositoryId>,
}

impl RegistryService {
    /// Fetches a repository and tells which registries it has. Nothing is
    /// registered or published; the mirror is kept for whoever adds it next.
    pub async fn discover(&self, access: &Access<Admin>, wanted: Discover) -> Result<Discovery, ServiceError> {
        let tenant = &self.tenant(access)?;
        let address = self.checked_address(&wanted.url)?;
        let url = address.to_string();
        if let Some(token) = &wanted.credential {
            self.check_token(&url, token)?;
        }
        let sought = Wanted { url: &url, given: wanted.credential.map(Credentials::from), back: TO_PICKER };
        let (data, http) = (tenant.data.clone(), self.http.clone());
        let (cancel, place) = (tenant.jobs.cancellation(), url.clone());
        let branch = wanted.branch;
        let looked = self.fetch_signed_in(tenant, sought, move |credentials| {
            let mut opened = reading::open(&data, &place)?;
            let mut fetch = Fetch::new(&http);
            fetch.credentials = credentials;
            fetch.cancel = cancel.clone();
            let refs = opened.refresh(&fetch)?;
            let (branch, head) = tracked(&refs, branch.as_ref().map(RefName::as_str))?;
            let found = found_registries(&CommitTree(opened.tree(head)?))?;
            Ok::<_, ServiceError>((branch.clone(), head.clone(), found))
        });
        let (branch, commit, found) = looked.await?.value;
        let registries = self.offers_among(access, &address, found).await?;
        Ok(Discovery { url, branch, commit, registries })
    }

    /// The registries that the newest sync of a repository found besides the
    /// one it read, and that are not registered.
    pub async fn offers(&self, access: &Access<Read>, id: RepositoryId) -> Result<Vec<FoundRegistry>, ServiceError> {
        let tenant = &self.tenant(access)?;
        let row = self.repository_row(tenant, id).await?;
        let others = last_report(tenant, &row).await?.map(|report| report.others).unwrap_or_default();
        let Ok(address) = Address::parse(&row.url, true) else { return Ok(Vec::new()) };
        let offers = self.offers_among(access, &address, others).await?;
        Ok(offers.into_iter().filter(|offer| offer.registered.is_none()).map(|offer| offer.registry).collect())
    }

    /// The repository that reads this registry without having been told its path.
    pub(super) async fn reader_of<R: Role>(
        &self,
        access: &Access<R>,
        address: &Address,
        path: &str,
    ) -> Result<Option<RepositoryId>, ServiceError> {
        let readers = self.readers(access, address).await?;
        let told = RepositoryId::of_key(&repository_key(&address.key(), Some(path)));
        Ok(reader(&readers, path).filter(|reader| *reader != told))
    }

    /// Marks those of an address's registries that are registered.
    async fn offers_among<R: Role>(
        &self,
        access: &Access<R>,
        address: &Address,
        found: Vec<FoundRegistry>,
    ) -> Result<Vec<Offer>, ServiceError> {
        let readers = self.readers(access, address).await?;
        Ok(found.into_iter().map(|registry| Offer { registered: reader(&readers, &registry.path), registry }).collect())
    }

    /// Which registries of an address are read, and by which repository.
    async fn readers<R: Role>(
        &self,
        access: &Access<R>,
        address: &Address,
    ) -> Result<Vec<(String, RepositoryId)>, ServiceError> {
        let tenant = &self.tenant(access)?;
        // Spelled with `.git` or without, it is one repository.
        let mut rows = tenant.db.select::<rows::Repository>().pages().await?;
        let key = address.key();
        rows.retain(|row| Address::parse(&row.url, true).is_ok_and(|other| other.key() == key));
        let mut readers = Vec::new();
        for row in rows {
            if let Some(path) = row.config_path.clone().filter(|path| !path.is_empty()) {
                readers.push((path, row.id));
                continue;
            }
            // Without a path of its own it is whatever its last sync read.
            let report = last_report(tenant, &row).await?;
            readers.extend(report.and_then(|report| Some((report.registry?.path, row.id))));
        }
        Ok(readers)
    }
}

/// Who reads the registry at this path: its file, or the folder of that.
fn reader(readers: &[(String, RepositoryId)], path: &str) -> Option<RepositoryId> {
    let file = |path: &str| path.strip_suffix("/registry.json").unwrap_or(path).to_owned();
    readers.iter().find(|(read, _)| file(read) == file(path)).map(|(_, id)| *id)
}
