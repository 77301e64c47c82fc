'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.realTime = void 0;
exports.realTime = {
  after: function (delayMs, task) {
    var timer = setTimeout(task, delayMs);
    return function () {
      return clearTimeout(timer);
    };
  },
};
