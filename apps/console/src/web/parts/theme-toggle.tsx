import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

type Theme = "light" | "dark";

/** Switches between light and dark; follows the system until it is used. */
export function ThemeToggle(): JSX.Element {
  const [theme, setTheme] = useState<Theme>(preferred);
  const [chosen, setChosen] = useState(false);

  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => !chosen && setTheme(preferred());
    query.addEventListener("change", follow);
    return () => query.removeEventListener("change", follow);
  }, [chosen]);

  const toggle = (): void => {
    const next = theme === "dark" ? "light" : "dark";
    document.documentElement.dataset["theme"] = next;
    setTheme(next);
    setChosen(true);
  };
  return (
    <button type="button" class="plain" onClick={toggle}>
      {theme === "dark" ? "Light" : "Dark"}
    </button>
  );
}

function preferred(): Theme {
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
