use super::Served;
use crate::api::ApiOptions;
use model::Digest;
use net::http::Method;
use serde_json::json;

#[tokio::test]
async fn a_file_over_the_limit_is_refused_and_leaves_nothing_behind() {
    let served = Served::start_with(|options| ApiOptions { max_upload: 10, ..options }).await;
    let put =
        |bytes: &'static str| served.admin(Method::PUT, "/admin/storage/upload").header("path", "a").body(bytes).send();
    assert_eq!(put("0123456789").await.ok()["data"]["size"], 10);
    assert_eq!(put("0123456789a").await.status, 413);
    // Without a length beforehand.
    let chunks = futures::stream::iter(["012345", "6789ab"].map(Ok::<_, std::io::Error>));
    let streamed = served
        .admin(Method::PUT, "/admin/storage/upload")
        .header("path", "a")
        .body(net::http::Body::wrap_stream(chunks));
    assert_eq!(streamed.send().await.status, 413);
    let left = std::fs::read_dir(served.store.dir().join("blobs")).unwrap();
    let parts = left.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|end| end == "part"));
    assert_eq!(parts.count(), 0);
}

#[tokio::test]
async fn a_path_is_what_it_is_and_must_be_there() {
    let served = Served::start().await;
    let put = |path: &str| served.admin(Method::PUT, "/admin/storage/upload").header("path", path).body("x").send();
    assert_eq!(put(" ").await.refused(400), "param-missing");
    put("dir/a b%20c.json").await.ok();
    let files = served.query(json!({ "$files": {} })).await;
    assert_eq!(files["$files"][0]["path"], "dir/a b%20c.json");
}

#[tokio::test]
async fn an_address_for_one_upload_takes_one() {
    let served = Served::start().await;
    let url = served.post("/admin/storage/signed-upload-url", &json!({ "filename": "leg.txt" })).await.ok();
    let path = url["data"].as_str().unwrap().strip_prefix(&served.url).unwrap().to_owned();
    let put = || served.bare(Method::PUT, &path).header("content-type", "text/plain").body("bytes").send();
    put().await.ok();
    assert_eq!(put().await.refused(400), "validation-failed");
    let files = served.query(json!({ "$files": {} })).await;
    assert_eq!(files["$files"][0]["content-type"], "text/plain");
}

#[tokio::test]
async fn a_damaged_file_is_never_served_whole() {
    let served = Served::start().await;
    let bytes = vec![b'x'; 700_000];
    served.admin(Method::PUT, "/admin/storage/upload").header("path", "a").body(bytes.clone()).send().await.ok();
    let files = served.query(json!({ "$files": {} })).await;
    let url = files["$files"][0]["url"].as_str().unwrap().strip_prefix(&served.url).unwrap().to_owned();
    let get = || served.bare(Method::GET, &url).open();
    assert_eq!(get().await.bytes().await.unwrap(), bytes);
    let digest = Digest::of(&bytes).to_string();
    let blob = served.store.dir().join("blobs").join(&digest[..2]).join(&digest);
    let mut damaged = bytes;
    damaged[699_999] = b'y';
    std::fs::write(blob, damaged).unwrap();
    assert!(get().await.bytes().await.is_err());
}

#[tokio::test]
async fn an_address_of_a_file_that_was_tampered_with_is_refused_in_one_way_and_a_type_is_served_as_stored() {
    let served = Served::start().await;
    let put = served.admin(Method::PUT, "/admin/storage/upload").header("path", "a.json");
    put.header("content-type", "application/json").body("{}").send().await.ok();
    let files = served.query(json!({ "$files": {} })).await;
    let url = files["$files"][0]["url"].as_str().unwrap().strip_prefix(&served.url).unwrap().to_owned();
    let (path, query) = url.split_once('?').unwrap();
    let (exp, sig) = query.split_once('&').unwrap();
    for query in
        ["exp=soon&sig=00", "exp=99999999999999999999", "", exp, sig, &format!("{exp}&{exp}0&{sig}"), "exp=%ff&sig=%ff"]
    {
        let told = served.bare(Method::GET, &format!("{path}?{query}")).send().await;
        assert_eq!(told.refused(403), "permission-denied", "{query}");
    }
    let got = served.bare(Method::GET, &url).open().await;
    assert_eq!(got.status().as_u16(), 200);
    assert_eq!(got.headers()["content-type"], "application/json");
}
