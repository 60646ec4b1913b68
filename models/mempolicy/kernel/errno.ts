/** Why a call failed, by the name of its errno. */
export type Errno =
  | 'E2BIG'
  | 'EACCES'
  | 'EBADF'
  | 'EEXIST'
  | 'EFAULT'
  | 'EINVAL'
  | 'EIO'
  | 'ENODEV'
  | 'ENOENT'
  | 'ENOMEM'
  | 'EOPNOTSUPP'
  | 'EPERM'
  | 'ESRCH';

/** What a call returns that has nothing to tell but whether it worked. */
export type Outcome = 0 | Errno;

/** True where a result is an errno rather than what was asked for. */
export function failed(result: unknown): result is Errno {
  return typeof result === 'string';
}
