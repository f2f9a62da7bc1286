use super::*;
use crate::{
    auth::Access,
    config::{Config, Flags},
    data::DataFolder,
    tenants::{Directory, Tenants},
};
use async_trait::async_trait;
use instant::{Embedded, Timestamp};
use net::Secret;
use tempfile::TempDir;

/// Knows one organisation, whose credentials were replaced.
struct Replaced(RemoteSettings);

#[async_trait]
impl Directory for Replaced {
    async fn credentials(&self, _: &OrganisationId) -> Credentials {
        Credentials::Found { settings: self.0.clone(), at: Timestamp::now() }
    }

    async fn after_rejection(&self, organisation: &OrganisationId, _: &RemoteSettings) -> Credentials {
        self.credentials(organisation).await
    }

    fn forget_missing(&self, _: &OrganisationId) {}

    async fn gone(&self, _: &OrganisationId) {}
}

/// Of an app that nobody answers for.
fn settings(token: &str) -> RemoteSettings {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    RemoteSettings {
        app_id: "8a1f2c9e-0000-4000-8000-000000000001".parse().unwrap(),
        admin_token: Secret::new(token),
        api_uri: format!("http://{}", listener.local_addr().unwrap()).parse().unwrap(),
    }
}

/// A service of one organisation that is open with some credentials, and whose
/// directory has others.
async fn service(open: RemoteSettings, newer: RemoteSettings) -> (RegistryService, OrganisationId, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::load(&Flags { data: Some(folder.path().to_owned()), ..Flags::default() }).unwrap();
    let data = DataFolder::at(folder.path()).unwrap();
    let organisation: OrganisationId = "org_acme".parse().unwrap();
    let db = Arc::new(Embedded::temporary().await.unwrap());
    let tenant = Tenant::new(organisation.clone(), db, Local::temporary().await.unwrap(), data.clone());
    let tenants = Tenants::default();
    let opening = async { Ok::<_, EnterError>(Arc::new(tenant.opened_with(open))) };
    tenants.open(&organisation, opening).await.unwrap();
    let http = net::TenantClient::new("127.0.0.1=127.0.0.0/8".parse().unwrap()).unwrap();
    let service = RegistryService::new(tenants, Arc::new(config), data, http, "http://localhost");
    (service.with_directory(Arc::new(Replaced(newer))), organisation, folder)
}

#[tokio::test]
async fn an_organisation_whose_database_refuses_it_is_opened_with_what_replaced_its_credentials() {
    let newer = settings("newer");
    let (service, organisation, _folder) = service(settings("older"), newer.clone()).await;
    let older = service.tenants().get(&organisation).unwrap();
    service.open_again_if_replaced(&older).await;
    let opened = async {
        while !service.tenants().get(&organisation).is_some_and(|tenant| tenant.is_opened_with(&newer)) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), opened).await.expect("it is opened again");
    assert!(older.jobs.cancellation().is_cancelled());
    // The same again is left as it is.
    let now = service.tenants().get(&organisation).unwrap();
    service.open_again_if_replaced(&now).await;
    assert!(Arc::ptr_eq(&now, &service.tenants().get(&organisation).unwrap()));
}

#[tokio::test]
async fn whoever_was_let_in_before_an_organisation_was_closed_is_told_to_try_again() {
    let (service, organisation, _folder) = service(settings("older"), settings("newer")).await;
    let access = Access::operator(organisation.clone());
    let tenant = service.tenant(&access).unwrap();
    service.leave(&tenant).await;
    let error = service.tenant(&access).unwrap_err();
    assert!(matches!(error, ServiceError::Closed), "{error}");
    // What a git host told is kept for when it is open again.
    assert!(error.is_store_away());
    assert_eq!(crate::api::ApiError::from(error).status(), axum::http::StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn an_organisation_is_opened_though_whoever_asked_for_it_did_not_wait() {
    let newer = settings("newer");
    let (service, organisation, _folder) = service(settings("older"), newer.clone()).await;
    service.leave(&service.tenants().get(&organisation).unwrap()).await;
    let (asking, asked) = (service.clone(), organisation.clone());
    let impatient = tokio::spawn(async move { asking.enter(&asked).await.map(drop) });
    // One turn: it begins, and waits.
    tokio::task::yield_now().await;
    impatient.abort();
    assert!(impatient.await.unwrap_err().is_cancelled());
    let opened = async {
        while !service.tenants().get(&organisation).is_some_and(|tenant| tenant.is_opened_with(&newer)) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), opened).await.expect("it is opened");
}
