//! `synod solve`, as a user runs it.

use super::command::Folder;
use super::{stderr, stdout, synod};
use serde_json::Value;

/// Returns how a command ended on a file, and what it printed.
fn solve(folder: &Folder, name: &str, text: &str, arguments: &[&str]) -> (i32, String, String) {
    folder.write(name, text);
    let output = synod(&[&["solve", &folder.at(name)], arguments].concat());
    let code = output.status.code().expect("it ended by itself");
    (code, stdout(&output).to_owned(), stderr(&output).to_owned())
}

fn object(folder: &Folder, name: &str, text: &str, arguments: &[&str], code: i32) -> Value {
    let (found, printed, error) = solve(folder, name, text, &[arguments, &["--format", "json"]].concat());
    assert_eq!(found, code, "{error}");
    serde_json::from_str(&printed).expect("one JSON object")
}

#[test]
fn a_game_is_answered_exactly() {
    let folder = Folder::new("solve-game");
    let pennies = "NFG 1 R \"pennies\" { \"odd\" \"even\" } { 2 2 }\n1 -1 -1 1 -1 1 1 -1";
    let found = object(&folder, "pennies.nfg", pennies, &[], 0);
    assert_eq!((&found["complete"], &found["degenerate"]), (&true.into(), &false.into()));
    assert_eq!(found["equilibria"][0]["strategies"], serde_json::json!([["1/2", "1/2"], ["1/2", "1/2"]]));
    let ones = "NFG 1 R \"ones\" { \"a\" \"b\" } { 2 2 }\n1 1 1 1 1 1 1 1";
    let found = object(&folder, "ones.nfg", ones, &[], 5);
    assert_eq!((&found["degenerate"], found["equilibria"].as_array().map(Vec::len)), (&true.into(), Some(4)));
    let three =
        "NFG 1 R \"three\" { \"a\" \"b\" \"c\" } { 2 2 2 }\n1 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 1 1";
    let (code, page, _) = solve(&folder, "three.nfg", three, &[]);
    assert_eq!(code, 5, "mixed ones are not told");
    assert!(page.contains("2 pure equilibria; there may be others"), "{page}");
}

#[test]
fn bids_are_answered_by_their_rule() {
    let folder = Folder::new("solve-bids");
    let one = "bidder,amount\nagent1,10\nagent2,15\nagent3,12\n";
    let price = |arguments: &[&str]| object(&folder, "one.csv", one, arguments, 0)["price"].clone();
    assert_eq!(
        [price(&[]), price(&["--rule", "first-price"]), price(&["--reserve", "16"])],
        ["12.00".into(), "15.00".into(), Value::Null]
    );
    let bundles = "bidder,items,amount\na,A,8\nb,B,8\nc,A B,10\n";
    let found = object(&folder, "bundles.csv", bundles, &[], 0);
    let paid: Vec<&Value> =
        found["winners"].as_array().expect("a list").iter().map(|one| &one["payment"]).collect();
    assert_eq!((paid, &found["proven"]), (vec![&"2.00".into(), &"2.00".into()], &true.into()));
    let found = object(&folder, "bundles.csv", bundles, &["--steps", "0"], 5);
    assert_eq!((&found["proven"], &found["revenue"]), (&false.into(), &Value::Null));
}

#[test]
fn orders_without_a_cross_have_no_price() {
    let folder = Folder::new("solve-orders");
    let apart = "id,side,price,quantity\n1,sell,3,1\n2,buy,2,1\n";
    let found = object(&folder, "apart.csv", apart, &[], 0);
    assert_eq!((&found["goods"][0]["prices"], &found["goods"][0]["volume"]), (&Value::Null, &0.into()));
    let cross = "id,side,price,quantity\n1,sell,1,1\n2,buy,3,1\n";
    let found = object(&folder, "cross.csv", cross, &["--k", "0%"], 0);
    assert_eq!(
        found["goods"][0]["prices"],
        serde_json::json!({"high": "3.00", "low": "1.00", "price": "1.00"})
    );
    let (_, page, _) = solve(&folder, "cross.csv", cross, &["--rule", "mcafee"]);
    assert!(page.contains("no trade"), "a single pair does not trade by McAfee's rule: {page}");
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let folder = Folder::new("solve-wrong");
    for (name, text, arguments, part) in [
        ("short.nfg", "NFG 1 R \"x\" { \"a\" \"b\" } { 2 2 }\n1 2 3", &[][..], "short.nfg:2:"),
        ("half.csv", "bidder,amount\na,1.555\n", &[], "half.csv:2:3: error:"),
        ("odd.csv", "x,y\n1,2\n", &[], "--kind"),
        ("odd.xyz", "x", &[], "--kind: nfg, efg, cats, bids, orders"),
        ("one.csv", "bidder,amount\na,1\n", &["--rule", "uniform"], "no rule for a table of bids"),
        ("one.csv", "bidder,amount\na,1\n", &["--reserve=-1"], "expected 0 or more"),
        (
            "market.csv",
            "id,side,price,quantity\n1,sell,market,1\n",
            &[],
            "order 1 in line 2 is a market order",
        ),
    ] {
        let (code, printed, error) = solve(&folder, name, text, arguments);
        assert_eq!((code, &*printed), (2, ""), "{name}: {error}");
        assert!(error.contains(part), "{name}: {error}");
    }
}
