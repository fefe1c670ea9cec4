// Members that come twice.
import { insert } from "../changes.mjs";

export function addCases(add, { member, value, other }) {
  const repeat = (title, json) => add(title, ["T10"], "DUPLICATE_MEMBER", { payloadText: insert(json) });
  repeat(`\`${member}\` twice with the same value`, `${JSON.stringify(member)}:${JSON.stringify(value)}`);
  repeat(`\`${member}\` twice, another value first`, `${JSON.stringify(member)}:${JSON.stringify(other)}`);
  add(`\`${member}\` twice, another value last`, ["T10"], "DUPLICATE_MEMBER", {
    payloadText: (t) => t.replace(/}$/, `,${JSON.stringify(member)}:${JSON.stringify(other)}}`),
  });
  const escaped = `\\u${member.charCodeAt(0).toString(16).padStart(4, "0")}${member.slice(1)}`;
  repeat(`\`${member}\` twice, once with an escape in its name`, `"${escaped}":${JSON.stringify(other)}`);
  repeat("an unknown claim twice", '"x":1,"x":1');
  repeat("a claim without a name twice", '"":1,"":2');
  repeat("`__proto__` twice", '"__proto__":1,"__proto__":2');
  repeat("a number for a name twice", '"1":1,"1":2');
  repeat("a member twice in an inner object", '"x":{"a":1,"b":2,"a":3}');
  repeat("a member twice in an object in a list", '"x":[1,{"a":1,"a":1}]');
  repeat("a member twice deep inside", '"x":{"y":{"z":[[{"a":[],"a":{}}]]}}');
  repeat("a member twice, its name outside the first plane", '"\u{1f511}":1,"\\ud83d\\udd11":2');
  repeat("a member twice behind a string that looks like JSON", '"x":"{\\"a\\":1,\\\\\\"","y":1,"y":2');
  for (const name of ["alg", "typ"]) {
    add(`\`${name}\` twice in the header`, ["T1", "T10"], "DUPLICATE_MEMBER", {
      headerText: (t) => insert(`"${name}":${JSON.stringify(JSON.parse(t)[name])}`)(t),
    });
    add(`\`${name}\` twice in the header, \`none\` last`, ["T1", "T10"], "DUPLICATE_MEMBER", {
      headerText: (t) => t.replace(/}$/, `,"${name}":"none"}`),
    });
  }
}
