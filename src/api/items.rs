//! What the shadcn CLI gets.

use super::{
    ApiError, health, init, open,
    serve::{Audience, CachePolicy, VARY, respond},
    stale,
};
use crate::{
    app_state::AppState,
    auth::{Access, Asker, Install, NamedOrganisation, check_host},
    catalog::{self, Answer, Catalog, ListingQuery},
};
use axum::{
    body::Body,
    extract::{FromRequestParts, Path, Query, Request, State},
    http::{HeaderValue, Response, StatusCode, Uri, header, request::Parts},
    response::IntoResponse,
};
use model::{Alias, ItemAddress, OrganisationId, Selector};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

/// Parameters of an item request.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
pub(super) struct ItemQuery {
    /// The name under which the asking project knows this registry: `@acme`.
    ns: Option<String>,
}

/// Get an item, or the listing.
///
/// `name.json` or `name`; `name@selector` for another state; `registry.json`
/// for the listing; `init.json` for the item that adds this registry to a project,
/// which needs no token.
#[utoipa::path(
    get, path = "/r/{name}", tag = "install",
    params(("name" = String, Path, description = "The item's name, perhaps with `@selector` and `.json`; or `registry.json`"), ItemQuery, ListingQuery),
    responses(
        (status = 200, description = "The registry item, or the listing; with `x-registry-stale: <since>` while the database does not answer and this is what was published before", content_type = "application/json"),
        (status = 304, description = "Not modified"), (status = 307, description = "The item has another name now"),
        (status = 401, description = "No valid token"), (status = 404, description = "No such item"), (status = 410, description = "Removed"),
        (status = 429, description = "Asked too often; `Retry-After` says when to try again"),
        (status = 503, description = "The database does not answer, and this is not kept on disk; `Retry-After` says when to try again"),
    ),
)]
pub(crate) async fn item(State(state): State<AppState>, request: Request) -> Response<Body> {
    let (mut parts, _) = request.into_parts();
    answer(&state, &mut parts).await.unwrap_or_else(|error| error.plain().into_response())
}

/// The same for a named organisation.
pub(super) async fn item_of_organisation(
    State(state): State<AppState>,
    Path((organisation, _)): Path<(String, String)>,
    request: Request,
) -> Response<Body> {
    let (mut parts, _) = request.into_parts();
    let Ok(organisation) = organisation.parse::<OrganisationId>() else {
        let message = "There is no such organisation here, or it is not yours.";
        return ApiError::new(StatusCode::NOT_FOUND, "no_organisation", message).into_response();
    };
    parts.extensions.insert(NamedOrganisation(organisation));
    answer(&state, &mut parts).await.unwrap_or_else(|error| error.plain().into_response())
}

/// Where the name begins in the path of an item request.
fn name_begins(path: &str) -> Option<usize> {
    match path.strip_prefix("/o/") {
        Some(rest) => Some("/o/".len() + rest.find("/r/")? + "/r/".len()),
        None => ["/r/", "/api/registry/", "/registry/", "/"]
            .iter()
            .find_map(|prefix| path.starts_with(prefix).then_some(prefix.len())),
    }
}

/// The text after `/r/` and its like, decoded.
fn asked(path: &str) -> Option<String> {
    let decoded = percent_encoding::percent_decode_str(&path[name_begins(path)?..]).decode_utf8().ok()?;
    Some(decoded.strip_suffix(".json").unwrap_or(&decoded).to_owned())
}

/// What must be encoded in a path: everything that is not plain there.
const IN_PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/').remove(b'@');

/// The same request for another name: on this host, below the same route, with
/// the same query.
fn elsewhere(uri: &Uri, name: &str) -> String {
    let path = uri.path();
    let begins = name_begins(path).unwrap_or_default();
    // A name with a slash has no address at the root, and some names there are other routes.
    let (before, rest) = if begins <= 1 { ("/r/", "") } else { path.split_at(begins) };
    let mut location = before.to_owned();
    if let Some((style, _)) = rest.strip_prefix("styles/").and_then(|rest| rest.split_once('/')) {
        location.push_str("styles/");
        location.push_str(style);
        location.push('/');
    }
    location.extend(utf8_percent_encode(name, IN_PATH));
    if begins <= 1 || rest.strip_suffix(".json").or(name.strip_suffix(".json")).is_some() {
        location.push_str(".json");
    }
    if let Some(query) = uri.query() {
        location.push('?');
        location.push_str(query);
    }
    location
}

/// Sends whoever asked for a former name on to the one of now.
fn renamed(uri: &Uri, name: &str, audience: Audience) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    let headers = response.headers_mut();
    let location = HeaderValue::try_from(elsewhere(uri, name)).expect("a path and query of ASCII");
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, CachePolicy::Revalidate.header(audience));
    headers.insert(header::VARY, VARY);
    response
}

async fn answer(state: &AppState, parts: &mut Parts) -> Result<Response<Body>, ApiError> {
    check_host(state, &parts.headers)?;
    state.limits.count(Asker::of(state, &parts.headers, &parts.extensions))?;
    let name = asked(parts.uri.path())
        .ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, "not_found", "The address is not UTF-8."))?;
    if name == init::NAME {
        let wanted = wanted_alias(parts)?;
        return Ok(open::init(state, parts, wanted).await);
    }
    let access = Access::<Install>::from_request_parts(parts, state).await;
    if name == "registries" {
        return Ok(open::registries(state, access.ok().as_ref()));
    }
    let access = access?;
    let tenant = &state.service.tenant(&access)?;
    let catalog = tenant.catalog.load_full();
    let audience = Audience::of(&catalog, &access);
    let found = found(state, parts, &access, &name, &catalog, audience).await;
    let mut response = found.unwrap_or_else(|error| error.plain().into_response());
    stale::mark(tenant, response.headers_mut());
    audience.tell(response.headers_mut());
    Ok(response)
}

/// What a name leads to.
async fn found(
    state: &AppState,
    parts: &Parts,
    access: &Access<Install>,
    name: &str,
    catalog: &Catalog,
    audience: Audience,
) -> Result<Response<Body>, ApiError> {
    let tenant = &state.service.tenant(access)?;
    if catalog.basis().is_none() && tenant.contact.away().is_some() {
        return Err(ApiError::store_unavailable(health::NOTHING));
    }
    let alias = wanted_alias(parts)?;
    let own_alias = &catalog.identity().alias;
    let alias = alias.as_ref().map_or(own_alias.as_str(), Alias::as_str);
    let send = |answer: &Answer, policy| respond(tenant, answer, (policy, audience), &parts.headers);

    // There are no styles of our own: every style has every item.
    let name = name.strip_prefix("styles/").and_then(|rest| rest.split_once('/')).map_or(name, |(_, name)| name);
    if name == "registry" {
        let Query(query) = Query::<ListingQuery>::try_from_uri(&parts.uri)
            .map_err(|error| ApiError::new(StatusCode::BAD_REQUEST, "invalid_query", error.body_text()))?;
        if query.is_whole() && alias == own_alias {
            return Ok(send(catalog.whole_listing(), CachePolicy::Revalidate));
        }
        let listing = Answer::of(catalog::listing(catalog, &query, alias).into_bytes());
        return Ok(send(&listing, CachePolicy::Revalidate));
    }
    if let Some(entry) = catalog.get(name) {
        return Ok(send(&entry.under_alias(alias), CachePolicy::Revalidate));
    }
    if let Some(now) = catalog.alias(name) {
        return Ok(renamed(&parts.uri, now.as_str(), audience));
    }
    let address = ItemAddress::parse(name);
    if let Some((item, selector)) = &address.selected {
        let asker = Asker::of(state, &parts.headers, &parts.extensions);
        if audience == Audience::Everyone {
            // The database is asked for a state that is not known yet: not for whoever makes states up.
            state.limits.may_guess(asker)?;
        }
        if let Some(answer) = state.service.pinned(access, item, selector, alias).await? {
            // A prefix of a commit may become ambiguous; only the whole one is for ever.
            let fixed = matches!(selector, Selector::Commit(digits) if digits.len() == 40);
            return Ok(send(&answer, if fixed { CachePolicy::Immutable } else { CachePolicy::Revalidate }));
        }
        if let Some(now) = catalog.alias(item.as_str()) {
            return Ok(renamed(&parts.uri, &format!("{now}@{selector}"), audience));
        }
        if audience == Audience::Everyone {
            state.limits.guessed(asker)?;
        }
        if catalog.get(item.as_str()).is_some() {
            let message = format!(
                "{item:?} has no version {:?}. Give a tag, a branch, or sha- and at least seven digits of a commit; without a version you get the current one.",
                selector.to_string()
            );
            return Err(ApiError::new(StatusCode::NOT_FOUND, "no_version", message));
        }
    }
    Err(absent(catalog, name, address.selected.as_ref().map_or(name, |(item, _)| item.as_str()), alias))
}

/// The alias that a request asks for by `?ns=@acme`.
fn wanted_alias(parts: &Parts) -> Result<Option<Alias>, ApiError> {
    if parts.uri.query().is_none() {
        return Ok(None);
    }
    let Query(query) = Query::<ItemQuery>::try_from_uri(&parts.uri)
        .map_err(|error| ApiError::new(StatusCode::BAD_REQUEST, "invalid_query", error.body_text()))?;
    let Some(alias) = query.ns else {
        return Ok(None);
    };
    // `?ns=@acme.json` is what the CLI makes of a template that ends in `.json`.
    let alias = alias.strip_suffix(".json").unwrap_or(&alias);
    alias
        .parse()
        .map(Some)
        .map_err(|error| ApiError::new(StatusCode::BAD_REQUEST, "invalid_alias", format!("{error}.")))
}

fn absent(catalog: &Catalog, asked: &str, name: &str, alias: &str) -> ApiError {
    if let Some(removed) = catalog.removed(name) {
        let next = match &removed.replacement {
            Some(replacement) => format!("Use {alias}/{replacement} instead."),
            None => "Ask whoever maintains it, or install an earlier version: add @sha- and a commit to the name."
                .to_owned(),
        };
        return ApiError::new(StatusCode::GONE, "removed", format!("{name:?} was removed from this registry. {next}"));
    }
    let next = match catalog.did_you_mean(name) {
        Some(close) => format!("Did you mean {alias}/{close}?"),
        None => format!("`npx shadcn@latest list {alias}` shows what there is."),
    };
    ApiError::new(StatusCode::NOT_FOUND, "not_found", format!("There is no item {asked:?}. {next}"))
}

/// `/{name}.json` for names of one segment that no other route takes.
pub async fn item_at_root(state: State<AppState>, request: Request) -> Response<Body> {
    item(state, request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_keeps_the_route_the_style_the_selector_and_the_query() {
        for (asked, name, expected) in [
            ("/r/old.json", "new", "/r/new.json"),
            ("/r/old", "new", "/r/new"),
            ("/r/old", "new.json", "/r/new.json.json"),
            ("/r/old.json?ns=@x", "team/new", "/r/team/new.json?ns=@x"),
            ("/r/team%2Fold@v1.json", "team/new@v1", "/r/team/new@v1.json"),
            ("/registry/old", "new one", "/registry/new%20one"),
            ("/api/registry/old.json", "日", "/api/registry/%E6%97%A5.json"),
            ("/o/org_local/r/old.json?a=b&c", "new", "/o/org_local/r/new.json?a=b&c"),
            ("/r/styles/new-york/old.json", "new", "/r/styles/new-york/new.json"),
            ("/old.json", "team/new", "/r/team/new.json"),
            ("/old.json?ns=@x", "openapi", "/r/openapi.json?ns=@x"),
        ] {
            assert_eq!(elsewhere(&asked.parse().unwrap(), name), expected, "{asked}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_redirect_never_leaves_this_host(name in "\\PC{1,30}", route in "(/r|/registry|/api/registry|/o/org_a/r|)") {
            if let Ok(name) = name.parse::<model::ItemName>() {
                let location = elsewhere(&format!("{route}/old.json").parse().unwrap(), name.as_str());
                let base = url::Url::parse("http://registry.example/").unwrap();
                let resolved = base.join(&location).unwrap();
                proptest::prop_assert_eq!(resolved.origin(), base.origin());
                let decoded = percent_encoding::percent_decode_str(resolved.path()).decode_utf8().unwrap();
                let expected = format!("/{name}.json");
                proptest::prop_assert!(decoded.ends_with(&expected), "{}", decoded);
            }
        }
    }
}
