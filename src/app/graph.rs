//! A component's surroundings as a picture whose nodes are links.

mod layout;

use super::{
    escape::{push_attribute, push_text},
    format::{component_href, href, number, visible},
    words::t,
};
use layout::{CHANNEL, HEIGHT, Spot, WIDTH, layout};
use model::view::{GraphKind, GraphView};
use std::fmt::Write as _;

/// How many characters of a name have room in a node.
const ROOM: usize = 21;

/// One node, as it is drawn.
struct Node {
    class: &'static str,
    /// What is read out: the whole name, and what it is.
    name: String,
    /// What is seen.
    label: String,
    href: String,
}

/// The graph as an `<svg>` element. Lists that say the same stand at `#needs`
/// and `#needed-by`.
pub fn svg(graph: &GraphView) -> String {
    let mut distances: Vec<i32> = graph.nodes.iter().map(|node| node.distance).collect();
    let mut nodes: Vec<Node> = graph.nodes.iter().map(|node| drawn(&node.label, &node.kind, node.distance)).collect();
    for more in &graph.more {
        distances.push(more.distance);
        nodes.push(the_rest(more.distance, more.count));
    }
    let at = layout(&distances, &graph.edges);
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write!(
        out,
        "<svg class=\"graph\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" role=\"group\" aria-label=\"{2}\">",
        at.width,
        at.height,
        t!("What needs it, and what it needs")
    );
    out.push_str("<g class=\"lines\" aria-hidden=\"true\">");
    for &(from, to) in &graph.edges {
        push_line(&mut out, at.spots[from], at.spots[to]);
    }
    out.push_str("</g>");
    // The keyboard goes from left to right, and down each column.
    let mut order: Vec<usize> = (0..nodes.len()).collect();
    order.sort_by_key(|&node| (at.spots[node].x, at.spots[node].y));
    for node in order {
        push_node(&mut out, &nodes[node], at.spots[node]);
    }
    out.push_str("</svg>");
    out
}

fn drawn(label: &str, kind: &GraphKind, distance: i32) -> Node {
    let label = visible(label);
    let list = if distance < 0 { "#needed-by" } else { "#needs" };
    let (class, what, href) = match kind {
        _ if distance == 0 => ("node this", t!("this component"), String::from("#needs")),
        GraphKind::Component(name) => {
            let href = href(&component_href(name.as_str()), &[("tab", "dependencies")]);
            ("node own", t!("component"), href)
        }
        GraphKind::Package(name) => ("node package", t!("npm package"), href("/packages", &[("q", name)])),
        GraphKind::Foreign => ("node foreign", t!("of another registry"), list.to_owned()),
    };
    Node { class, name: format!("{label}, {what}"), label: shortened(&label), href }
}

fn the_rest(distance: i32, count: usize) -> Node {
    let side = if distance < 0 { "#needed-by" } else { "#needs" };
    let label = t!("and %{count} more", count = number(count)).into_owned();
    Node { class: "node rest", name: label.clone(), label, href: side.to_owned() }
}

/// A name that fits a node: its end tells more than its beginning.
fn shortened(label: &str) -> String {
    let count = label.chars().count();
    if count <= ROOM {
        return label.to_owned();
    }
    let start: String = label.chars().take(6).collect();
    let end: String = label.chars().skip(count - (ROOM - 7)).collect();
    format!("{start}…{end}")
}

fn push_node(out: &mut String, node: &Node, Spot { x, y }: Spot) {
    let Node { class, name, label, href } = node;
    let _ = write!(out, "<a class=\"{class}\" href=\"");
    push_attribute(out, href);
    out.push_str("\" aria-label=\"");
    push_attribute(out, name);
    out.push('"');
    if *class == "node this" {
        out.push_str(" aria-current=\"true\"");
    }
    let radius = if *class == "node package" { HEIGHT / 2 } else { 6 };
    out.push_str("><title>");
    push_text(out, name);
    let _ = write!(
        out,
        "</title><rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"{radius}\"/><text x=\"{}\" y=\"{}\">",
        x + WIDTH / 2,
        y + HEIGHT / 2
    );
    push_text(out, label);
    out.push_str("</text></a>");
}

/// A line from who needs to what is needed.
fn push_line(out: &mut String, from: Spot, to: Spot) {
    let (y, to_y) = (from.y + HEIGHT / 2, to.y + HEIGHT / 2);
    let bend = CHANNEL / 2;
    let (class, path) = if from == to {
        return;
    } else if to.x > from.x {
        let (x, to_x) = (from.x + WIDTH, to.x);
        ("edge", format!("M{x} {y}C{} {y} {} {to_y} {to_x} {to_y}", x + bend, to_x - bend))
    } else if to.x == from.x {
        let x = from.x + WIDTH;
        ("edge", format!("M{x} {y}C{0} {y} {0} {to_y} {x} {to_y}", x + bend))
    } else {
        // Against the stream: they need each other.
        let (x, to_x) = (from.x, to.x + WIDTH);
        ("edge back", format!("M{x} {y}C{} {y} {} {to_y} {to_x} {to_y}", x - bend, to_x + bend))
    };
    let _ = write!(out, "<path class=\"{class}\" d=\"{path}\"/>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::view::{GraphMore, GraphNode};

    fn node(label: &str, kind: GraphKind, distance: i32) -> GraphNode {
        GraphNode { label: label.to_owned(), kind, distance }
    }

    fn component(name: &str, distance: i32) -> GraphNode {
        node(name, GraphKind::Component(name.parse().unwrap()), distance)
    }

    #[test]
    fn every_node_is_a_link_with_a_name() {
        let graph = GraphView {
            nodes: vec![
                component("panel", 0),
                component("token", 1),
                node("clsx@^2.1", GraphKind::Package("clsx".to_owned()), 1),
                node("@other/x", GraphKind::Foreign, 1),
                component("page", -1),
            ],
            edges: vec![(0, 1), (0, 2), (0, 3), (4, 0), (1, 4)],
            more: vec![GraphMore { distance: -1, count: 12 }],
        };
        let svg = svg(&graph);
        for part in [
            "href=\"/components/token?tab=dependencies\" aria-label=\"token, component\"",
            "href=\"/packages?q=clsx\" aria-label=\"clsx@^2.1, npm package\"",
            "aria-label=\"@other/x, of another registry\"",
            "href=\"#needed-by\" aria-label=\"and 12 more\"",
            "aria-current=\"true\"",
        ] {
            assert!(svg.contains(part), "{part} is not in {svg}");
        }
        assert_eq!(svg.matches("<a ").count(), 6);
        assert_eq!(svg.matches("class=\"edge\"").count(), 4);
        assert_eq!(svg.matches("class=\"edge back\"").count(), 1);
        // The keyboard comes to what stands on the left first.
        assert!(svg.find("page, component").unwrap() < svg.find("panel, this").unwrap());
    }

    #[test]
    fn what_others_wrote_is_a_text() {
        let text = "\"><script>x</script>\u{202e}";
        let graph =
            GraphView { nodes: vec![component("a", 0), node(text, GraphKind::Foreign, 1)], ..GraphView::default() };
        let svg = svg(&graph);
        assert!(!svg.contains("<script") && !svg.contains("<span"), "{svg}");
        assert_eq!(shortened("abcdefghijklmnopqrstuvwxyz"), "abcdef…mnopqrstuvwxyz");
    }
}
