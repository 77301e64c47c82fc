'use strict';
var __classPrivateFieldGet =
  (this && this.__classPrivateFieldGet) ||
  function (receiver, state, kind, f) {
    if (kind === 'a' && !f) throw new TypeError('Private accessor was defined without a getter');
    if (typeof state === 'function' ? receiver !== state || !f : !state.has(receiver))
      throw new TypeError('Cannot read private member from an object whose class did not declare it');
    return kind === 'm' ? f : kind === 'a' ? f.call(receiver) : f ? f.value : state.get(receiver);
  };
var __classPrivateFieldSet =
  (this && this.__classPrivateFieldSet) ||
  function (receiver, state, value, kind, f) {
    if (kind === 'm') throw new TypeError('Private method is not writable');
    if (kind === 'a' && !f) throw new TypeError('Private accessor was defined without a setter');
    if (typeof state === 'function' ? receiver !== state || !f : !state.has(receiver))
      throw new TypeError('Cannot write private member to an object whose class did not declare it');
    return (
      kind === 'a' ? f.call(receiver, value) : f ? (f.value = value) : state.set(receiver, value),
      value
    );
  };
var _InOrder_last, _InOrder_waiting, _InOrder_done;
Object.defineProperty(exports, '__esModule', { value: true });
exports.InOrder = void 0;
/** One connection takes one statement at a time: those of a `Promise.all` wait for each other. */
var InOrder = /** @class */ (function () {
  function InOrder() {
    var _this = this;
    _InOrder_last.set(this, Promise.resolve());
    _InOrder_waiting.set(this, 0);
    _InOrder_done.set(this, function () {
      var _a;
      __classPrivateFieldSet(
        _this,
        _InOrder_waiting,
        ((_a = __classPrivateFieldGet(_this, _InOrder_waiting, 'f')), _a--, _a),
        'f',
      );
    });
  }
  InOrder.prototype.run = function (ask) {
    var _a;
    var answer =
      __classPrivateFieldGet(this, _InOrder_waiting, 'f') === 0
        ? ask()
        : __classPrivateFieldGet(this, _InOrder_last, 'f').then(ask);
    __classPrivateFieldSet(
      this,
      _InOrder_waiting,
      ((_a = __classPrivateFieldGet(this, _InOrder_waiting, 'f')), _a++, _a),
      'f',
    );
    __classPrivateFieldSet(
      this,
      _InOrder_last,
      answer.then(
        __classPrivateFieldGet(this, _InOrder_done, 'f'),
        __classPrivateFieldGet(this, _InOrder_done, 'f'),
      ),
      'f',
    );
    return answer;
  };
  return InOrder;
})();
exports.InOrder = InOrder;
((_InOrder_last = new WeakMap()), (_InOrder_waiting = new WeakMap()), (_InOrder_done = new WeakMap()));
