/** What a request is called that has no name of its own: `GET users/api/users` for `${users}/api/users`. */
export const requestName = (method: string, url: string): string =>
  `${method.toUpperCase()} ${url.replace(/^\$\{([\w-]+)\}/, '$1')}`;
